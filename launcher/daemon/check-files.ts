// Checks owners and modes of the conf files and keys that a launcher starts from.

import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { LAUNCHER_CONF } from '../config/conf-files.ts'
import { STAND_ALONE_CONFIG_DIR } from '../config/settings.ts'
import { LauncherError, systemCode } from '../errors.ts'
import { isReadOnly } from '../lib/writable-by-all.ts'
import { whyExposed, whyWritable, type FileFacts, type TrustProblem } from './file-trust.ts'

export interface UntrustedFile extends TrustProblem {
  readonly file: string
  /** The setting or key that names the file. */
  readonly name: string
}

type Rule = (facts: FileFacts, owners: readonly number[]) => TrustProblem | undefined

interface Checked {
  readonly name: string
  readonly file: string
  readonly rule: Rule
  readonly owners: readonly number[]
  /** The path must be that of a folder, not of a file. */
  readonly isFolder?: true
}

/**
 * Returns the conf folder, conf files and keys that users other than the operator can write, or whose key they can
 * read. Skips what is missing or not a regular file, which is reported when it is read. `serverUid` may own keys. It
 * may not own conf files, because these name the server-user.
 */
export async function untrustedFiles (
  { configDir, server, clusters }: LauncherConfig,
  serverUid: number | undefined
): Promise<UntrustedFile[]> {
  const keyOwners = [...operators(), ...(serverUid === undefined ? [] : [serverUid])]
  const key = (name: string, file: string): Checked => ({ name, file, rule: whyExposed, owners: keyOwners })
  return await problemsOf([
    ...confOf(configDir),
    ...clusters.map(({ configFile }) => confFile(configFile)),
    key('secure-cookie-key-file', server.keyFile),
    key('monitoring-key-file', server.monitoringKeyFile),
    ...(server.tls === undefined ? [] : [key('certificate-key-file', server.tls.certificateKeyFile)])
  ])
}

/** Throws FileNotTrusted for the first of `untrustedFiles`. */
export async function requireTrustedFiles (config: LauncherConfig, serverUid: number | undefined): Promise<void> {
  refuse(await untrustedFiles(config, serverUid))
}

/** Does the same for the conf folder and launcher.conf, before anything in them is used. */
export async function requireTrustedConf (configDir = STAND_ALONE_CONFIG_DIR): Promise<void> {
  refuse(await problemsOf(confOf(configDir)))
}

function refuse ([first]: readonly UntrustedFile[]): void {
  if (first === undefined) return
  throw new LauncherError('FileNotTrusted', trustText(first), { file: first.file, name: first.name })
}

function operators (): number[] {
  return [...new Set([process.getuid!(), 0])]
}

function confOf (configDir: string): Checked[] {
  return [
    { name: 'folder of the conf files', file: configDir, rule: whyWritable, owners: operators(), isFolder: true },
    confFile(join(configDir, LAUNCHER_CONF))
  ]
}

function confFile (file: string): Checked {
  return { name: 'conf file', file, rule: whyWritable, owners: operators() }
}

async function problemsOf (checked: readonly Checked[]): Promise<UntrustedFile[]> {
  return (await Promise.all(checked.map(problemOf))).filter(problem => problem !== undefined)
}

/** Says what is wrong, where, and which command corrects it. */
export function trustText ({ file, name, problem, command }: UntrustedFile): string {
  return `${file} (${name}) ${problem}. Run: ${command} ${file}`
}

async function problemOf ({ name, file, rule, owners, isFolder }: Checked): Promise<UntrustedFile | undefined> {
  try {
    const stats = await stat(file)
    if (isFolder === true ? !stats.isDirectory() : !stats.isFile()) return undefined
    const problem = rule(stats, owners)
    if (problem === undefined || (rule === whyWritable && await isReadOnly(file))) return undefined
    return { name, file, ...problem }
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new LauncherError(
      'FileNotReadable',
      `${file} (${name}) cannot be examined (${code ?? String(error)}).`,
      { file },
      { cause: error }
    )
  }
}
