// Declares the Kubernetes plugin: jobs are Jobs and pods in a namespace.

import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { KubernetesConfig } from './config.ts'
import { diagnoseKubernetes } from './diagnose.ts'
import { createKubernetes } from './kubernetes.ts'

export const kubernetes: PluginDefinition<typeof KubernetesConfig> = {
  type: 'Kubernetes',
  contract: CONTRACT,
  config: KubernetesConfig,
  create: createKubernetes,
  diagnose: diagnoseKubernetes
}
