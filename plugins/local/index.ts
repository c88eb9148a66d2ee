// Declares the Local plugin: jobs are processes on this machine.

import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { LocalConfig } from './config.ts'
import { createLocal } from './plugin.ts'
import { policyLoader } from './policy.ts'

export const local: PluginDefinition<typeof LocalConfig> = {
  type: 'Local',
  contract: CONTRACT,
  config: LocalConfig,
  create: createLocal,
  check: (config, read) => policyLoader(config)(read)
}
