// Declares the Local plugin: jobs are processes on this machine.

import { CONTRACT, type PluginDefinition } from '../../launcher/plugin.ts'
import { localConfigOf, LocalKeys, type LocalConfig } from './config.ts'
import { diagnose } from './diagnose.ts'
import { createLocal } from './plugin.ts'
import { policyLoader } from './policy.ts'
import { refuseProcessOne } from './process-one.ts'

export const local: PluginDefinition<typeof LocalKeys, LocalConfig> = {
  type: 'Local',
  contract: CONTRACT,
  keys: LocalKeys,
  enabledBy: { key: 'Local', default: true, description: 'Whether jobs can run as processes on this machine.' },
  configOf: localConfigOf,
  async create (config, context) {
    refuseProcessOne()
    return await createLocal(config, context)
  },
  diagnose,
  check: (config, read) => policyLoader(config)(read)
}
