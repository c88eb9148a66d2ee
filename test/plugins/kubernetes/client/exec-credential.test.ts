import t from 'tap'
import {
  execCredential,
  renewalTime,
  type CredentialProgram
} from '../../../../plugins/kubernetes/client/exec-credential.ts'
import { printCredential } from '../../../fixtures/kubeconfig.ts'

const VERSION = 'client.authentication.k8s.io/v1'
const program = (script: string, more: Partial<CredentialProgram> = {}): CredentialProgram => ({
  command: 'sh', args: ['-c', script], env: {}, apiVersion: VERSION, ...more
})
const run = (script: string, more: Partial<CredentialProgram> = {}) =>
  execCredential('config', program(script, more), { PATH: '/usr/bin:/bin', OWN: 'own', BOTH: 'launcher' })

t.test('a program returns a token, a certificate or both, as JSON or YAML', async t => {
  t.strictSame(await run(printCredential('{"token":"secret"}')), { authorization: 'Bearer secret' })
  t.strictSame(await run(printCredential('{"clientCertificateData":"cert","clientKeyData":"key"}')), {
    cert: 'cert', key: 'key'
  })
  t.strictSame(
    await run(printCredential('{"token":"secret","clientCertificateData":"cert","clientKeyData":"key"}')),
    { authorization: 'Bearer secret', cert: 'cert', key: 'key' }
  )
  t.strictSame(
    await run(`printf 'kind: ExecCredential\\napiVersion: ${VERSION}\\nstatus:\\n  token: secret\\n'`),
    { authorization: 'Bearer secret' }
  )
})

t.test("a program gets the launcher's environment, its own variables and KUBERNETES_EXEC_INFO", async t => {
  const script = printCredential('{"token":"%s"}') +
    ' "$OWN-$BOTH-$(echo "$KUBERNETES_EXEC_INFO" | tr -cd "[:alnum:]")"'
  t.strictSame(await run(script, { env: { BOTH: 'entry', KUBERNETES_EXEC_INFO: 'x' }, cluster: { server: 's' } }), {
    authorization: 'Bearer own-entry-kindExecCredentialapiVersionclientauthenticationk8siov1' +
      'specinteractivefalseclusterservers'
  })
})

t.test('the error of a program without credentials has its name and what is wrong, and no output', async t => {
  const rejects = async (script: string, message: RegExp, more: Partial<CredentialProgram> = {}) => {
    const error: unknown = await run(script, more).catch((error: unknown) => error)
    t.match(error, {
      code: 'ClusterUnavailable',
      help: /^Run the program by hand as the user of the launcher/,
      message: /^The kubeconfig config takes the credentials from the program [^ ]+, which returned none: [^\n]*\.$/
    })
    t.match(error, { message })
    t.notMatch(error, { message: /secret/ })
  }
  await rejects('echo first >&2; echo no session. >&2; exit 1', /: no session\.$/)
  await rejects('echo secret: [', /neither JSON nor YAML/)
  await rejects('echo "{\\"token\\":\\"secret\\"}"', /its output is no ExecCredential/)
  await rejects(printCredential('{"token":"secret"}', 'v1beta1'), /has the apiVersion .*\/v1beta1, but .*\/v1\.$/)
  await rejects(printCredential('{}'), /neither a token nor a certificate/)
  await rejects(printCredential('null'), /neither a token nor a certificate/)
  await rejects(printCredential('{"clientKeyData":"secret"}'), /only one of clientCertificateData and clientKeyData/)
  await rejects(printCredential('{"token":"a","expirationTimestamp":"soon"}'), /expirationTimestamp is no time/)
  await rejects(printCredential('{"token":"secret\\\\n"}'), /its token has a control character/)
  await rejects('', /it was not found\.$/, { command: 'no-such-program' })
  await rejects('', /it was not found\. Install it with apt U\+001B\[1mnow\.$/, {
    command: '/no/such/program', installHint: 'Install it\n  with apt \u001b[1mnow.\n'
  })
})

t.test('a credential is renewed a minute before its end or at half of its life, and at most every 5 s', async t => {
  t.equal(renewalTime(3_600_000, 0), 3_540_000)
  t.equal(renewalTime(120_000, 0), 60_000)
  t.equal(renewalTime(40_000, 0), 20_000)
  t.equal(renewalTime(6000, 0), 5000)
  t.equal(renewalTime(-9000, 0), 5000)
})

t.test('a credential with an end says when to renew it', async t => {
  const { expiresAt } = await run(printCredential('{"token":"a","expirationTimestamp":"2999-01-01T00:00:00Z"}'))
  t.equal(expiresAt, Date.parse('2998-12-31T23:59:00Z'))
})
