// Plugin definitions for tests of the configuration. They are never created.

import { Type, type TObject } from 'typebox'
import { CONTRACT, type PluginDefinition } from '../../../launcher/plugin.ts'
import { KubernetesConfig } from '../../../plugins/kubernetes/config/keys.ts'

/** Has one key of each type, and those that the settings are rendered into for the Local plugin. */
export const samplePlugin = (type: string): PluginDefinition => ({
  type,
  contract: CONTRACT,
  config: Type.Object({
    'server-user': Type.Optional(Type.String({ minLength: 1, description: 'Text.' })),
    'profile-config': Type.Optional(Type.String({ description: 'Path.' })),
    'allow-unenforced-limits': Type.Boolean({ default: false, description: 'Boolean.' }),
    list: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'List.' })),
    ratio: Type.Number({ minimum: 0, default: 0.5, description: 'Number.' })
  }),
  create: async () => { throw new TypeError('a sample plugin cannot be created') }
})

const kubernetes = { ...samplePlugin('Kubernetes'), config: KubernetesConfig as TObject }

export const samplePlugins = [samplePlugin('Local'), kubernetes]
