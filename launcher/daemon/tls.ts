// Reads the TLS certificate and its key, and checks that a server can use them.

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { LauncherError } from '../errors.ts'
import { readRegularFile, whyUnreadable } from '../lib/read-regular-file.ts'

export interface Tls {
  /** In PEM form. */
  readonly cert: Buffer
  /** In PEM form. */
  readonly key: Buffer
  /** Time at which the certificate expires (milliseconds since 1970). */
  readonly expires: number
}

/** Rejects with FileNotReadable, or with CertificateInvalid if one file is unusable or they do not belong together. */
export async function readTls (
  { certificateFile, certificateKeyFile }: NonNullable<LauncherConfig['server']['tls']>
): Promise<Tls> {
  const cert = await readPem('certificate-file', certificateFile)
  const key = await readPem('certificate-key-file', certificateKeyFile)
  attempt(certificateFile, 'has no certificate in PEM form', () => createSecureContext({ cert }))
  attempt(certificateKeyFile, 'has no private key in PEM form that needs no passphrase', () =>
    createSecureContext({ key })
  )
  attempt(certificateKeyFile, `is not the key of the certificate in ${certificateFile}`, () =>
    createSecureContext({ cert, key })
  )
  return { cert, key, expires: Date.parse(new X509Certificate(cert).validTo) }
}

async function readPem (confKey: string, file: string): Promise<Buffer> {
  try {
    return await readRegularFile(file)
  } catch (cause) {
    const why = whyUnreadable(cause)
    throw new LauncherError('FileNotReadable', `${confKey} ${file} cannot be read (${why}).`, { file }, { cause })
  }
}

function attempt (file: string, problem: string, work: () => unknown): void {
  try {
    work()
  } catch (cause) {
    throw new LauncherError(
      'CertificateInvalid',
      `${file} ${problem} (${(cause as Error).message}).`,
      { file },
      { cause }
    )
  }
}
