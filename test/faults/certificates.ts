// A certificate authority of this process, and the certificates that it signs for the proxies: a valid one and an
// expired one.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  /** PEM text of the authority. */
  readonly authority: string
  readonly key: string
  readonly valid: string
  readonly expired: string
}

/** The name in the certificates, beside 127.0.0.1. A test that uses the name must make it resolve. */
export const NAME = 'api.example'

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const CONFIG = `
[ca]
default_ca = own
[own]
database = index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[names]
subjectAltName = IP:127.0.0.1, DNS:${NAME}
`

let made: Certificates | undefined

export function certificates (): Certificates {
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), 'jl-certificates-'))
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  try {
    for (const [name, text] of [
      ['config', CONFIG],
      ['index', '']
    ] as const) { writeFileSync(join(folder, name), text) }
    openssl(
      'req',
      '-x509',
      ...EC,
      '-days',
      '2',
      '-subj',
      '/CN=authority',
      '-keyout',
      'authority.key',
      '-out',
      'authority'
    )
    openssl('req', ...EC, '-subj', '/CN=proxy', '-keyout', 'key', '-out', 'request')
    const sign = (name: string, from: string, to: string): void => {
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        'config',
        '-extensions',
        'names',
        '-cert',
        'authority',
        '-keyfile',
        'authority.key',
        '-outdir',
        '.',
        '-startdate',
        from,
        '-enddate',
        to,
        '-in',
        'request',
        '-out',
        name
      )
    }
    sign('valid', timeIn(-1), timeIn(1))
    sign('expired', timeIn(-2), timeIn(-1))
    made = { authority: read('authority'), key: read('key'), valid: read('valid'), expired: read('expired') }
    return made
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function timeIn (days: number): string {
  return `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\..*/g, '')}Z`
}
