import { join } from 'node:path'
import t from 'tap'
import { readApiAccess } from '../../../../plugins/kubernetes/client/token-credentials.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

t.test('reads a token file, and the authority as a path or in base64', async t => {
  const folder = t.testdir({ token: 'secret\n', 'ca.crt': PEM })
  const tokenFile = join(folder, 'token')
  const expected = {
    server: 'https://10.0.0.1:6443/prefix',
    headers: { authorization: 'Bearer secret' },
    tls: { ca: PEM, rejectUnauthorized: true }
  }
  t.strictSame(
    await readApiAccess({
      apiUrl: 'https://10.0.0.1:6443/prefix/',
      tokenFile,
      certificateAuthority: join(folder, 'ca.crt'),
      verifyCertificates: true
    }, {}),
    { access: expected, files: [tokenFile, join(folder, 'ca.crt')] }
  )
  t.strictSame(
    await readApiAccess({
      apiUrl: 'https://10.0.0.1:6443/prefix',
      tokenFile,
      certificateAuthority: Buffer.from(PEM).toString('base64'),
      verifyCertificates: true
    }, {}),
    { access: expected, files: [tokenFile] }
  )
})

t.test('token and authority are optional, and verification can be disabled', async t => {
  t.strictSame(await readApiAccess({ apiUrl: 'https://[::1]:6443', verifyCertificates: false }, {}), {
    access: { server: 'https://[::1]:6443', headers: {}, tls: { rejectUnauthorized: false } },
    files: []
  })
})

t.test("without an authority the system's are used, and the environment names the proxy", async t => {
  const folder = t.testdir({ 'ca.crt': PEM })
  const environment = {
    SSL_CERT_FILE: join(folder, 'ca.crt'), SSL_CERT_DIR: '/none', HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'near'
  }
  const access = async (apiUrl: string) =>
    (await readApiAccess({ apiUrl, verifyCertificates: true }, environment)).access
  t.strictSame(await access('https://far'), {
    server: 'https://far', headers: {}, tls: { ca: PEM, rejectUnauthorized: true }, proxy: 'http://proxy:3128'
  })
  t.strictSame(await access('https://near'), {
    server: 'https://near', headers: {}, tls: { ca: PEM, rejectUnauthorized: true }
  })
  t.strictSame((await access('http://near')).tls, { rejectUnauthorized: true })
  await t.rejects(readApiAccess({ apiUrl: 'https://a', verifyCertificates: true }, { HTTPS_PROXY: 'socks4://p' }), {
    code: 'ConfInvalid',
    message: /^The variable HTTPS_PROXY in the environment of the launcher is a URL with the scheme socks4; .*\.$/
  })
})

t.test('rejects an invalid value and names it', async t => {
  const folder = t.testdir({ empty: '\n', lines: 'a\nb', 'ca.crt': 'no certificate' })
  const refused = (source: object, code: string, message: RegExp) =>
    t.rejects(readApiAccess({ apiUrl: 'https://a', verifyCertificates: true, ...source }, {}), { code, message })
  for (const apiUrl of ['10.0.0.1:6443', 'ftp://a', 'not an address', 'https://a?x=1']) {
    await refused({ apiUrl }, 'ConfInvalid', /api-url is not an address/)
  }
  const rejection = await readApiAccess({ apiUrl: 'https://user:password@a', verifyCertificates: true }, {}).catch(
    (error: Error) => error
  )
  t.notMatch((rejection as Error).message, /password/)
  await refused({ tokenFile: join(folder, 'empty') }, 'ConfInvalid', /empty is empty/)
  await refused({ tokenFile: join(folder, 'lines') }, 'ConfInvalid', /the token in .*lines has a control character/)
  await refused({ tokenFile: join(folder, 'none') }, 'FileNotReadable', /none/)
  await refused({ certificateAuthority: join(folder, 'ca.crt') }, 'ConfInvalid', /ca\.crt contains no PEM certificate/)
  await refused({ certificateAuthority: 'AAAA' }, 'ConfInvalid', /certificate-authority contains no PEM certificate/)
})
