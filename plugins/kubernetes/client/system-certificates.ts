// Reads the system's certificate authorities from where kubectl, as a Go program, reads them on Linux.

import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readRegularFile } from '../../../launcher/lib/read-regular-file.ts'
import type { Environment } from './access.ts'

/** The first that exists is used. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem'
]
/** All files in them are used. */
const FOLDERS = ['/etc/ssl/certs', '/etc/pki/tls/certs']

const reads = new Map<string, Promise<string | undefined>>()

/**
 * Resolves with PEM text, or with undefined if the system has no store; Node's own list applies then. SSL_CERT_FILE
 * and SSL_CERT_DIR (folders with : between them) replace the file and the folders. Each store is read once.
 */
export function systemCertificates (
  { SSL_CERT_FILE: file, SSL_CERT_DIR: folders }: Environment
): Promise<string | undefined> {
  const key = JSON.stringify([file, folders])
  const read = reads.get(key) ?? readStore(file ? [file] : FILES, folders ? folders.split(':') : FOLDERS)
  reads.set(key, read)
  return read
}

async function readStore (files: readonly string[], folders: readonly string[]): Promise<string | undefined> {
  let text = ''
  for (const file of files) {
    const found = await readOrUndefined(file)
    if (found === undefined) continue
    text = found
    break
  }
  for (const folder of folders) text += `\n${(await readFolder(folder)).join('\n')}`
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.length === 0 ? undefined : `${[...new Set(blocks)].join('\n')}\n`
}

/** Skips links to files of the same folder, as which OpenSSL has each certificate a second time. */
async function readFolder (folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const texts = await Promise.all(entries.map(async entry => {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink() && !(await readlink(path).catch(() => '')).includes('/')) return undefined
    return await readOrUndefined(path)
  }))
  return texts.filter(text => text !== undefined)
}

async function readOrUndefined (file: string): Promise<string | undefined> {
  return (await readRegularFile(file).catch(() => undefined))?.toString('utf8')
}
