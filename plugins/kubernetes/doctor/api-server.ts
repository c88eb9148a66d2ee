// Checks the API server itself: does it answer, which version, how is it secured, its clock, and does it know us.

import { request } from 'undici'
import type { Finding } from '../../../launcher/plugin.ts'
import { replyError } from '../client/error-response.ts'
import { createConnections } from '../client/connections.ts'
import { noAnswer } from '../client/transport-error.ts'
import { quoted } from '../client/server-message.ts'
import { minorOf, VERSION_PATH, type ServerVersion } from '../client/server-version.ts'
import { clockSkewMs } from './clock-skew.ts'
import { DEADLINE_MS } from './failed-check.ts'
import type { Access } from '../client/access.ts'

const OLDEST_MINOR = 20
const MOST_SKEW_MS = 5000

interface Answer {
  readonly status: number
  readonly body: string
  readonly date: string | undefined
  readonly sentAt: number
  readonly answeredAt: number
}

/** `usable` tells whether it makes sense to ask for more; `minor` is the version, where it is known. */
export async function checkServer (
  access: Access,
  now: () => number
): Promise<{ findings: Finding[]; usable: boolean; minor?: number | undefined }> {
  const answer = await ask(access, now)
  if ('check' in answer) return { findings: [answer], usable: false }
  const known = versionOf(access.server, answer)
  if (known.state === 'missing') return { findings: [known], usable: false }
  const credentials = judgeCredentials(answer)
  return {
    findings: [known, judgeTls(access), judgeClock(answer), credentials],
    usable: credentials.state === 'ok',
    minor: minorOf(parsed(answer.body) ?? {})
  }
}

async function ask (access: Access, now: () => number): Promise<Answer | Finding> {
  const dispatchers = createConnections(access.tls)
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  try {
    const sentAt = now()
    const { statusCode, headers: { date }, body } = await request(`${access.server}${VERSION_PATH}`, {
      headers: { accept: 'application/json', 'user-agent': 'job-launcher', ...access.headers },
      dispatcher: dispatchers.call,
      signal: deadline
    })
    const answeredAt = now()
    return {
      status: statusCode,
      body: await body.text(),
      date: Array.isArray(date) ? date[0] : date,
      sentAt,
      answeredAt
    }
  } catch (error) {
    const { message, reason } = noAnswer(error, access.server, `GET ${VERSION_PATH}`, deadline.aborted)
    return {
      check: 'api-server',
      state: 'missing',
      message,
      help:
        reason === 'certificate'
          ? "Give the certificate of the authority that signed the server's: in the kubeconfig, or as " +
            'certificate-authority (Launcher.KubernetesCACertificateData).'
          : 'Check the address in the kubeconfig or api-url (Launcher.KubernetesApiUrl), the API server, and what ' +
            'lies between.'
    }
  } finally {
    await dispatchers.destroy()
  }
}

function versionOf (server: string, { status, body }: Answer): Finding {
  const version = parsed(body)
  // The server answered, whatever it thinks of us.
  if (status === 401 || status === 403) {
    return { check: 'api-server', state: 'ok', message: `The API server ${server} answers, without its version.` }
  }
  if (status !== 200 || typeof version?.gitVersion !== 'string') {
    return {
      check: 'api-server',
      state: 'missing',
      message: `${server} answers, but not as an API server does: status ` +
        `${status}${quoted('the server', replyError('', status, body, undefined, 0).serverMessage)}.`,
      help: 'Check that the address in the kubeconfig or api-url (Launcher.KubernetesApiUrl) is that of an API ' +
        'server, up to and without /api.'
    }
  }
  const message = `The API server ${server} answers; Kubernetes ${version.gitVersion}.`
  const minor = minorOf(version)
  if (minor !== undefined && minor < OLDEST_MINOR) {
    return {
      check: 'api-server',
      state: 'warning',
      message,
      help: `Use Kubernetes 1.${OLDEST_MINOR} or later: nothing older was tried.`
    }
  }
  return { check: 'api-server', state: 'ok', message }
}

function parsed (body: string): ServerVersion & { gitVersion?: unknown } | undefined {
  try {
    return JSON.parse(body) ?? undefined
  } catch {
    return undefined
  }
}

function judgeTls ({ server, tls }: Access): Finding {
  const warning = (message: string, help: string): Finding => ({ check: 'tls', state: 'warning', message, help })
  if (!server.startsWith('https:')) {
    return warning(
      'The connection to the API server is not encrypted.',
      'Use its https address: whoever listens gets the token.'
    )
  }
  if (!tls.rejectUnauthorized) {
    return warning(
      'The certificate of the API server is not checked.',
      "Leave verify-ssl-certs on, take insecure-skip-tls-verify out of the kubeconfig, and name the certificate's " +
      'authority.'
    )
  }
  return { check: 'tls', state: 'ok', message: 'The certificate of the API server is trusted.' }
}

function judgeClock ({ date, sentAt, answeredAt }: Answer): Finding {
  const skewMs = clockSkewMs(date, sentAt, answeredAt)
  if (skewMs === undefined) {
    return {
      check: 'clock',
      state: 'skipped',
      message: 'The API server does not tell the time.',
      help: 'Nothing to do; compare the clocks by hand if in doubt.'
    }
  }
  if (Math.abs(skewMs) <= MOST_SKEW_MS) {
    return { check: 'clock', state: 'ok', message: 'The clock of the API server is that of this machine.' }
  }
  return {
    check: 'clock',
    state: 'warning',
    message: `The clock of the API server is ${Math.round(Math.abs(skewMs) / 1000)} s ` +
      `${skewMs > 0 ? 'ahead of' : 'behind'} that of this machine.`,
    help: 'Set both by NTP: times and deadlines of jobs are counted with both clocks.'
  }
}

function judgeCredentials ({ status, body }: Answer): Finding {
  if (status !== 401) return { check: 'credentials', state: 'ok', message: 'The API server takes the credentials.' }
  return {
    check: 'credentials',
    state: 'missing',
    message: 'The API server refuses the ' +
      `credentials${quoted('the server', replyError('', status, body, undefined, 0).serverMessage)}.`,
    help: 'Give a token or certificate that is valid: in the kubeconfig, or as auth-token-path ' +
      '(Launcher.KubernetesAuthTokenPath).'
  }
}
