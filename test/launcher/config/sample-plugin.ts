// A plugin definition for tests of the configuration: one key of each type. It is never created.

import { Type } from 'typebox'
import { CONTRACT, type PluginDefinition } from '../../../launcher/plugin.ts'

export const samplePlugin = (type: string): PluginDefinition => ({
  type,
  contract: CONTRACT,
  config: Type.Object({
    'server-user': Type.Optional(Type.String({ minLength: 1, description: 'Text.' })),
    'profile-config': Type.Optional(Type.String({ description: 'Path.' })),
    'allow-unenforced-limits': Type.Boolean({ default: false, description: 'Boolean.' }),
    'kubernetes-namespace': Type.Optional(Type.String({ description: 'Text.' })),
    'cluster-definition': Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'List.' })),
    ratio: Type.Number({ minimum: 0, default: 0.5, description: 'Number.' })
  }),
  create: async () => { throw new TypeError('a sample plugin cannot be created') }
})

export const samplePlugins = [samplePlugin('Local'), samplePlugin('Kubernetes')]
