// Reads section [server] of launcher.conf, and checks which of its keys fit together.

import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'
import { isLoopback, socketProblem } from './address.ts'
import { readSection } from './conf-section.ts'
import { pathInside } from '../lib/path-inside.ts'
import { joinNames, type KeyNames } from './key-names.ts'
import { LAUNCHER_CONF } from './conf-files.ts'
import { addressOf, SERVER_KEYS, serverConfigOf, type ServerConfig, type ServerKeys } from './server-keys.ts'

/** Adds what is wrong to `problems`. The configuration may be used only if it adds nothing. */
export function loadServer (
  file: string,
  section: IniSection | undefined,
  configDir: string,
  names: KeyNames,
  problems: Problem[]
): ServerConfig {
  const read = readSection(SERVER_KEYS, { file, section, names: {} })
  problems.push(...read.problems)
  const keys = read.values as unknown as ServerKeys
  if (read.problems.length === 0) problems.push(...check(keys, configDir, names, read.at))
  return serverConfigOf(keys)
}

function check (
  keys: ServerKeys,
  configDir: string,
  names: KeyNames,
  at: (key: string, problem: string) => Problem
): Problem[] {
  const problems: Problem[] = []
  const report = (key: keyof ServerKeys, problem: string): void => { problems.push(at(key, problem)) }
  const listNames = (keys: ReadonlyArray<keyof ServerKeys>): string =>
    joinNames(keys.map(key => names.nameOf(LAUNCHER_CONF, key)).filter(name => name !== undefined))
  const address = addressOf(keys)
  const scratchPath = keys['scratch-path']

  if ('socket' in address) {
    const problem = socketProblem(address.socket)
    if (problem !== undefined) {
      report('address', `${problem}; set a shorter one, or a shorter ${listNames(['scratch-path'])}: ${address.socket}`)
    }
    if (keys.port !== undefined) report('port', 'is set although the address is a socket path; leave it out')
    if (keys['enable-ssl']) {
      report('enable-ssl', 'is true although the address is a socket path; TLS needs a host and a port')
    }
  } else {
    if (keys.port === undefined) report('port', 'is missing; an address that is a host needs it')
    if (!isLoopback(address.host) && !keys['enable-ssl']) {
      report('address', `${address.host} can be reached from other machines, which requires ` +
        listNames(['enable-ssl', 'certificate-file', 'certificate-key-file']))
    }
  }
  const missing = (['certificate-file', 'certificate-key-file'] as const).filter(key => keys[key] === undefined)
  if (missing.length === 1) {
    const present = missing[0] === 'certificate-file' ? 'certificate-key-file' : 'certificate-file'
    report(present, `is set without ${listNames(missing)}; set both or neither`)
  } else if (missing.length === 2 && keys['enable-ssl']) {
    report('enable-ssl', `is true without ${listNames(missing)}`)
  }
  if (pathInside(scratchPath, configDir)) {
    report('scratch-path',
      `${scratchPath} is inside ${names.configDir} ${configDir}; set one of them outside the other`)
  }
  return problems
}
