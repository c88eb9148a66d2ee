// Plugin definitions for tests of the configuration. They are never created.

import { Type } from 'typebox'
import { CONTRACT, setting, type PluginDefinition } from '../../../launcher/plugin.ts'
import { kubernetes } from '../../../plugins/kubernetes/index.ts'

/** Has one key of each type. Its configuration is the values of its keys. */
export const samplePlugin = (type: string): PluginDefinition => ({
  type,
  contract: CONTRACT,
  keys: Type.Object({
    'server-user': Type.Optional(Type.String({ minLength: 1, description: 'Text.' })),
    'profile-config': Type.Optional(
      Type.String({ description: 'Path.', ...setting(`${type}ProfilesConfig`, { type: 'path' }) })
    ),
    'allow-unenforced-limits': Type.Boolean({ default: false, description: 'Boolean.' }),
    list: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'List.' })),
    ratio: Type.Number({ minimum: 0, default: 0.5, description: 'Number.' })
  }),
  enabledBy: { key: type, default: type === 'Local', description: 'On.' },
  configOf: keys => Object.fromEntries(Object.entries(keys).filter(([key]) =>
    !['scratch-path', 'concurrency', 'max-waiting-jobs'].includes(key))),
  create: async () => { throw new TypeError('a sample plugin cannot be created') }
})

export const samplePlugins: readonly PluginDefinition[] = [samplePlugin('Local'), kubernetes]
