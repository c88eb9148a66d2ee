// Checks the API server: whether it answers, its version, TLS, clock, and whether it accepts the credentials.

import { request } from 'undici'
import { systemCode } from '../../../launcher/errors.ts'
import { parseObject } from '../../../launcher/lib/parse-json.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import { replyError } from '../client/error-response.ts'
import { createConnections } from '../client/connections.ts'
import { addressOf, noAnswer } from '../client/transport-error.ts'
import { quoted } from '../client/server-message.ts'
import { isOld, OLDEST_VERSION, VERSION_PATH, type ServerVersion } from '../client/server-version.ts'
import { DEADLINE_MS } from './failed-check.ts'
import type { Access } from '../client/access.ts'

const MAX_SKEW_MS = 5000

interface Answer {
  readonly status: number
  readonly body: string
  readonly date: string | undefined
  readonly sentAt: number
  readonly answeredAt: number
}

/** `usable`: further checks make sense. */
export async function checkServer (
  access: Access,
  now: () => number
): Promise<{ findings: Finding[]; usable: boolean }> {
  const answer = await requestVersion(access, now)
  if ('check' in answer) return { findings: [answer], usable: false }
  const version = versionFinding(addressOf(access), answer)
  if (version.state === 'missing') return { findings: [version], usable: false }
  const credentials = credentialsFinding(access, answer)
  return {
    findings: [version, tlsFinding(access), clockFinding(answer), credentials],
    usable: credentials.state !== 'missing'
  }
}

async function requestVersion (access: Access, now: () => number): Promise<Answer | Finding> {
  const dispatchers = createConnections(access)
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
    const { message, reason } = noAnswer(error, access, `GET ${VERSION_PATH}`, deadline.aborted)
    return {
      check: 'api-server',
      state: 'missing',
      message,
      help:
        reason === 'certificate'
          ? certificateHelp(systemCode(error))
          : 'Check the address in the kubeconfig or api-url (Launcher.KubernetesApiUrl), the API server, and the ' +
            'network between.'
    }
  } finally {
    await dispatchers.destroy()
  }
}

/** `code`: that of the TLS error. */
function certificateHelp (code = ''): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'Use an address that the certificate names, correct tls-server-name in the kubeconfig, or add the name to ' +
      'the certificate.'
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return 'Renew the certificate of the API server, or correct the clock of this machine.'
  }
  return "Configure the certificate authority of the server's certificate: in the kubeconfig, or as " +
    'certificate-authority (Launcher.KubernetesCACertificateData).'
}

function versionFinding (server: string, { status, body }: Answer): Finding {
  const version = parseObject(body) as ServerVersion | undefined
  // The server answered, whether or not it accepts the credentials.
  if (status === 401 || status === 403) {
    return {
      check: 'api-server',
      state: 'ok',
      message: `The API server ${server} answers, but does not report its version.`
    }
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
  if (isOld(version)) {
    return {
      check: 'api-server',
      state: 'warning',
      message,
      help: `Use Kubernetes ${OLDEST_VERSION} or later: older versions are not supported.`
    }
  }
  return { check: 'api-server', state: 'ok', message }
}

function tlsFinding ({ server, tls }: Access): Finding {
  const warning = (message: string, help: string): Finding => ({ check: 'tls', state: 'warning', message, help })
  if (!server.startsWith('https:')) {
    return warning(
      'The connection to the API server is not encrypted.',
      'Use its https address: anyone who intercepts the connection gets the token.'
    )
  }
  if (!tls.rejectUnauthorized) {
    return warning(
      'The certificate of the API server is not verified.',
      'Leave verify-ssl-certs on, remove insecure-skip-tls-verify from the kubeconfig, and configure the certificate ' +
      'authority.'
    )
  }
  return { check: 'tls', state: 'ok', message: 'The certificate of the API server is trusted.' }
}

function clockFinding ({ date, sentAt, answeredAt }: Answer): Finding {
  const skewMs = clockSkewMs(date, sentAt, answeredAt)
  if (skewMs === undefined) {
    return {
      check: 'clock',
      state: 'skipped',
      message: 'The API server does not report its time.',
      help: 'No action is needed. If in doubt, compare the clocks manually.'
    }
  }
  if (Math.abs(skewMs) <= MAX_SKEW_MS) {
    return { check: 'clock', state: 'ok', message: 'The clocks of the API server and of this machine agree.' }
  }
  return {
    check: 'clock',
    state: 'warning',
    message: `The clock of the API server is ${Math.round(Math.abs(skewMs) / 1000)} s ` +
      `${skewMs > 0 ? 'ahead of' : 'behind'} that of this machine.`,
    help: 'Synchronize both with NTP: times and deadlines of jobs depend on both clocks.'
  }
}

function credentialsFinding ({ headers, tls }: Access, { status, body }: Answer): Finding {
  const words = quoted('the server', replyError('', status, body, undefined, 0).serverMessage)
  const help = 'Configure a valid token or certificate: in the kubeconfig, or as auth-token-path ' +
    '(Launcher.KubernetesAuthTokenPath).'
  if (headers.authorization === undefined && tls.cert === undefined) {
    return {
      check: 'credentials',
      state: status === 401 ? 'missing' : 'warning',
      message: status === 401
        ? `No credentials are configured, and the API server requires some${words}.`
        : 'No credentials are configured: the API server treats the launcher as system:anonymous.',
      help
    }
  }
  if (status !== 401) return { check: 'credentials', state: 'ok', message: 'The API server accepts the credentials.' }
  return { check: 'credentials', state: 'missing', message: `The API server rejects the credentials${words}.`, help }
}

/**
 * Returns the milliseconds by which the server's clock is ahead, or undefined if it did not report its time. `date` is
 * the Date header of a reply, which has whole seconds; the others are this machine's times when the request was sent
 * and when the reply arrived.
 */
export function clockSkewMs (date: string | undefined, sentAt: number, answeredAt: number): number | undefined {
  const time = Date.parse(date ?? '')
  if (Number.isNaN(time)) return undefined
  // The header can mean any moment of its second, between request and reply. Only the gap between the two ranges is
  // certain.
  if (time > answeredAt) return time - answeredAt
  if (time + 999 < sentAt) return time + 999 - sentAt
  return 0
}
