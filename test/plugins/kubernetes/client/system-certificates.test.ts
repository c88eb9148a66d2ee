import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemCertificates } from '../../../../plugins/kubernetes/client/system-certificates.ts'

const pem = (content: string): string => `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----`

t.test('SSL_CERT_FILE and SSL_CERT_DIR name the store, in which each certificate counts once', async t => {
  const folder = t.testdir({
    'ca.pem': `# a comment\n${pem('AAAA')}\n${pem('BBBB')}\n`,
    one: { 'a.pem': pem('AAAA'), 'c.pem': pem('CCCC'), 'key.pem': '-----BEGIN KEY-----' },
    two: { 'd.pem': `${pem('DDDD')}\n` }
  })
  symlinkSync('c.pem', join(folder, 'one/hash.0'))
  symlinkSync(join(folder, 'none'), join(folder, 'one/dangling'))
  const store = await systemCertificates({
    SSL_CERT_FILE: join(folder, 'ca.pem'), SSL_CERT_DIR: `${join(folder, 'one')}:${join(folder, 'two')}:/none`
  })
  t.equal(store, ['AAAA', 'BBBB', 'CCCC', 'DDDD'].map(content => `${pem(content)}\n`).join(''))
})

t.test('a system without a store has no certificates', async t => {
  t.equal(await systemCertificates({ SSL_CERT_FILE: '/none', SSL_CERT_DIR: '/none' }), undefined)
})

t.test('the store of this machine is found where the system keeps it, if it has one', async t => {
  const store = await systemCertificates({})
  if (store !== undefined) t.match(store, /^-----BEGIN CERTIFICATE-----\n/)
})
