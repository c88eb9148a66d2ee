// Checks the files on this machine that the plugin's configuration names.

import { readFile } from 'node:fs/promises'
import { ERRORS, isLauncherError, systemCode } from '../../../launcher/errors.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import type { KubernetesConfig } from '../config.ts'
import { readProfiles } from '../../../launcher/lib/profiles.ts'
import { PROFILE_KEYS } from '../profile-keys.ts'

export async function * checkFiles (config: KubernetesConfig): AsyncGenerator<Finding> {
  const { 'profile-config': profiles, 'cluster-definition': definitions = [] } = config
  if (profiles !== undefined) yield await checkFile('profile-config', profiles, () => readProfiles(PROFILE_KEYS, profiles), { check: 'profile-config', state: 'ok', message: `There is no ${profiles}: no profile limits jobs.` })
  for (const file of definitions) {
    yield await checkFile('cluster-definition', file, async () => {}, {
      check: 'cluster-definition',
      state: 'missing',
      message: `${file} does not exist.`,
      help: 'Make it, or take it out of cluster-definition (Launcher.ClusterDefinition).'
    })
  }
}

async function checkFile (check: string, file: string, parse: () => Promise<unknown>, absent: Finding): Promise<Finding> {
  try {
    await readFile(file)
    await parse()
    return { check, state: 'ok', message: `${file} can be read.` }
  } catch (error) {
    if (isLauncherError(error)) return { check, state: 'missing', message: error.message, help: error.kind.help }
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent
    return { check, state: 'missing', message: `${file} cannot be read (${code ?? String(error)}).`, help: ERRORS.FileNotReadable.help }
  }
}
