// Checks for `job-launcher doctor` whether the conf folder can be written, and owners and modes of conf files and keys.

import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
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
    return [{ check: 'files', state: 'missing', message: error.message, help: error.help }]
  }
}

/** Checks that files can be rendered into the folder. A folder that does not exist is created at the start. */
export async function checkConfigDir (configDir: string): Promise<Finding[]> {
  const problem = await whyNotWritable(configDir)
  if (problem === undefined) return []
  const { message, kind } = new LauncherError(
    'FolderNotWritable',
    `Launcher.ConfigDir ${configDir} cannot be ${problem}.`
  )
  return [{ check: 'config-dir', state: 'missing', message, help: kind.help }]
}

/** Resolves with undefined if the folder is writable, or can be created in its nearest existing parent. */
async function whyNotWritable (folder: string): Promise<string | undefined> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    return (await stat(folder)).isDirectory() ? undefined : 'written: it is not a folder'
  } catch (error) {
    const code = systemCode(error) ?? String(error)
    if (code !== 'ENOENT' || folder === '/') return `written (${code})`
    const above = await whyNotWritable(dirname(folder))
    return above === undefined || above.startsWith('created') ? above : `created: ${dirname(folder)} cannot be ${above}`
  }
}
