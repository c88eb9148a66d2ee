import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTls } from '../../../launcher/daemon/tls.ts'
import { noOpenssl, selfSigned } from '../../fixtures/self-signed.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('a certificate and its key are read, and each mismatch is named', {
  skip: noOpenssl
}, async t => {
  const folder = await temporaryFolder(t)
  const { certificate: certificateFile, key: certificateKeyFile } = selfSigned(folder)
  const { cert, key, expires } = await readTls({ certificateFile, certificateKeyFile })
  t.match(String(cert), /BEGIN CERTIFICATE/)
  t.match(String(key), /BEGIN PRIVATE KEY/)
  t.ok(expires > Date.now())

  const text = join(folder, 'text')
  writeFileSync(text, 'hello')
  const other = join(folder, 'other.key')
  writeFileSync(other, spawnSync('openssl', ['genrsa', '2048']).stdout)
  const none = join(folder, 'none')
  await t.rejects(readTls({ certificateFile: text, certificateKeyFile }), {
    code: 'CertificateInvalid',
    message: `${text} has no certificate in PEM form`
  })
  await t.rejects(readTls({ certificateFile, certificateKeyFile: text }), {
    code: 'CertificateInvalid',
    message: `${text} has no private key in PEM form`
  })
  await t.rejects(readTls({ certificateFile, certificateKeyFile: other }), {
    code: 'CertificateInvalid',
    message: `${other} is not the key of the certificate in ${certificateFile}`
  })
  await t.rejects(readTls({ certificateFile: none, certificateKeyFile }), {
    code: 'FileNotReadable',
    message: `certificate-file ${none} cannot be read (ENOENT).`
  })
  const fifo = join(folder, 'fifo')
  spawnSync('mkfifo', [fifo])
  await t.rejects(readTls({ certificateFile, certificateKeyFile: fifo }), {
    code: 'FileNotReadable',
    message: `certificate-key-file ${fifo} cannot be read (it is not a regular file).`
  })
})
