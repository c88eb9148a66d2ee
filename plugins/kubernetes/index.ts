// Declares the Kubernetes plugin: jobs are Jobs and pods in a namespace. What it needs is loaded when a cluster of it
// is made.

import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { kubernetesConfigOf, type KubernetesConfig } from './config/config.ts'
import { KubernetesKeys } from './config/keys.ts'

export const kubernetes: PluginDefinition<typeof KubernetesKeys, KubernetesConfig> = {
  type: 'Kubernetes',
  contract: CONTRACT,
  keys: KubernetesKeys,
  enabledBy: { key: 'Kubernetes', default: false, description: 'Whether jobs can run in a Kubernetes cluster.' },
  configOf: kubernetesConfigOf,
  create: async (config, context) => (await import('./plugin.ts')).createKubernetes(config, context),
  async * diagnose (config, context) {
    yield * (await import('./doctor/diagnose.ts')).diagnoseKubernetes(config, context)
  },
  jobPlace: async (config, environment) => (await import('./job-place.ts')).jobPlaceOf(config, environment),
  check: async (config, read) => (await import('./policy/policy.ts')).loadPolicy(config, read)
}
