// Checks for `job-launcher doctor` whether the conf folder can be written, and owners and modes of conf files and keys.

import { access, constants } from 'node:fs/promises'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { trustText, untrustedFiles } from '../daemon/check-files.ts'
import { ERRORS, LauncherError, isLauncherError, systemCode } from '../errors.ts'
import type { Finding } from '../plugin.ts'

/** `serverUid` is that of server-user if the launcher runs as root. Resolves with a finding for each problem. */
export async function checkFiles (config: LauncherConfig, serverUid: number | undefined): Promise<Finding[]> {
  try {
    return (await untrustedFiles(config, serverUid)).map(file => ({
      check: 'files',
      state: 'missing',
      message: trustText(file),
      help: ERRORS.FileNotTrusted.help
    }))
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return [{ check: 'files', state: 'missing', message: error.message, help: error.kind.help }]
  }
}

/** Checks that files can be rendered into the folder. A folder that does not exist is created at the start. */
export async function checkConfigDir (configDir: string): Promise<Finding[]> {
  try {
    await access(configDir, constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    const { message, kind } = new LauncherError(
      'FolderNotWritable',
      `Launcher.ConfigDir ${configDir} cannot be written (${systemCode(error) ?? String(error)}).`
    )
    return [{ check: 'config-dir', state: 'missing', message, help: kind.help }]
  }
}
