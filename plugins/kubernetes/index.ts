// Declares the Kubernetes plugin: jobs are Jobs and pods in a namespace. What it needs is loaded when a cluster of it
// is made.

import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { KubernetesConfig } from './config/keys.ts'

export const kubernetes: PluginDefinition<typeof KubernetesConfig> = {
  type: 'Kubernetes',
  contract: CONTRACT,
  config: KubernetesConfig,
  create: async (config, context) => (await import('./plugin.ts')).createKubernetes(config, context),
  async * diagnose (config, context) {
    yield * (await import('./doctor/diagnose.ts')).diagnoseKubernetes(config, context)
  },
  check: async (config, read) => (await import('./policy/policy.ts')).loadPolicy(config, read)
}
