// The configuration of a plugin Local for tests: the declared defaults, without a profiles file.

import { Value } from 'typebox/value'
import { localConfigOf, LocalKeys, type LocalConfig } from '../../../plugins/local/config.ts'
import { keptRules } from '../../fixtures/key-rules.ts'

const { profilesFile: _profilesFile, ...DEFAULTS } = localConfigOf(Value.Create(LocalKeys), keptRules)

export const localConfig = (changes: Partial<LocalConfig> = {}): LocalConfig => ({ ...DEFAULTS, ...changes })
