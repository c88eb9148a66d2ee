// Builds the server's part of the configuration from section [server] of launcher.conf.

import type { Problem } from '../lib/problem.ts'
import type { IniSection } from '../lib/read-ini.ts'
import { isLoopback, socketProblem, type Address } from './address.ts'
import { readSection } from './conf-section.ts'
import { pathInside } from '../lib/path-inside.ts'
import { joinNames, type KeyNames } from './key-names.ts'
import { LAUNCHER_CONF } from './conf-files.ts'
import { SERVER_KEYS, type ServerKeys } from './server-keys.ts'
import type { ServerConfig } from './launcher-config.ts'
import { UNIT_MS } from './settings.ts'

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
  return {
    address: addressOf(keys),
    ...(keys['server-user'] !== undefined && { serverUser: keys['server-user'] }),
    ...(keys['admin-group'] !== undefined && { adminGroup: keys['admin-group'] }),
    authorizationEnabled: keys['authorization-enabled'],
    groupsFromRequest: keys['groups-from-request'],
    scratchPath: keys['scratch-path'],
    jobExpiryMs: Math.round(keys['job-expiry-hours'] * UNIT_MS.hours),
    requestTimeoutMs: Math.round(keys['request-timeout-seconds'] * 1000),
    ...(keys['enable-ssl'] && {
      tls: { certificateFile: keys['certificate-file']!, certificateKeyFile: keys['certificate-key-file']! }
    }),
    keyFile: keys['secure-cookie-key-file'],
    maxMessageBytes: keys['max-message-size'],
    maxMetadataBytes: keys['max-metadata-size'],
    logLevel: keys['log-level'],
    ...(keys['instance-name'] !== undefined && { instanceName: keys['instance-name'] })
  }
}

function addressOf ({ address, port }: ServerKeys): Address {
  return address?.startsWith('/') ? { socket: address } : { host: address?.replace(/^\[(.*)\]$/, '$1'), port: port! }
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
