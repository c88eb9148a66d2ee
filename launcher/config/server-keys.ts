// Keys of section [server] in launcher.conf, in the order of the file, and the configuration that they become.

import { Type, type Static } from 'typebox'
import { ABSOLUTE_PATH } from '../lib/absolute-path.ts'
import { HOUR_MS } from '../lib/duration.ts'
import { setting, type SettingTexts } from '../model/conf-key.ts'
import { UserName } from '../model/account-name.ts'
import { JOB_EXPIRY_HOURS } from '../plugin-kit/cluster-keys.ts'
import { DEFAULT_SCRATCH_PATH, parseAddress, SOCKET_FILE, type Address } from './address.ts'

/** The log levels that pino knows, most severe first. */
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const oneLine = {
  pattern: '^[^\\p{Cc}\\u2028\\u2029]{1,128}$',
  'x-expected': 'text of at most 128 characters on one line'
} as const

/** In a default, {key} stands for the value of that key. */
export const SERVER_KEYS = Type.Object({
  address: Type.String({
    heading: 'Where the API is served: a Unix socket, or a host with a port.',
    pattern: '^(/[^\\u0000]*|[A-Za-z0-9.:-]+|\\[[0-9A-Fa-f:.]+\\])$',
    'x-expected': 'a socket path or a host',
    default: `{scratch-path}/${SOCKET_FILE}`,
    description: 'Where the API is served: the path of a Unix socket, or a host such as 127.0.0.1 or ::1, with port.',
    ...setting('Address', {
      type: 'address',
      description:
        'Where the API is served: the path of a Unix socket, or HOST:PORT such as 127.0.0.1:5559 or [::1]:5559; port ' +
        '0 selects any free port.'
    }),
    text: ({ Address: text = '' }: SettingTexts) => {
      const address = parseAddress(text)
      return address !== undefined && 'host' in address ? address.host : text
    }
  }),
  port: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: 'TCP port. Required for a host, and only allowed for one. 0 selects any free port.',
      from: 'Address',
      text: ({ Address: text = '' }: SettingTexts) => {
        const address = parseAddress(text)
        return address !== undefined && 'port' in address ? String(address.port) : undefined
      }
    })
  ),
  'enable-ssl': Type.Boolean({
    heading: 'TLS; only for a host with a port.',
    default: false,
    description: 'Whether the API is served over TLS. Required for a host that other machines can reach.',
    text: ({ Address: text = '', CertificateFile }: SettingTexts) => {
      const address = parseAddress(text)
      return String(address !== undefined && 'host' in address && CertificateFile !== undefined)
    }
  }),
  'certificate-file': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      description: 'TLS certificate (PEM).',
      ...setting('CertificateFile', {
        type: 'path',
        description: 'TLS certificate (PEM). Required for an address that other machines can reach.'
      })
    })
  ),
  'certificate-key-file': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      description: 'Private key (PEM) of the certificate.',
      ...setting('CertificateKeyFile', { type: 'path' })
    })
  ),
  'secure-cookie-key-file': Type.String({
    heading: 'Access. The key file contains the key that clients on TCP authenticate with.',
    ...ABSOLUTE_PATH,
    default: '{scratch-path}/launcher.key',
    description:
      'File with the key that clients on TCP authenticate with. It is created if it does not exist. A reload reads ' +
      'it again; the key before is accepted for ten minutes more.'
  }),
  'monitoring-key-file': Type.String({
    ...ABSOLUTE_PATH,
    default: '{scratch-path}/monitoring.key',
    description:
      'File with a key that reads health, metrics and the OpenAPI document on TCP, and nothing else. It is created ' +
      'and read again as the other.'
  }),
  'server-user': Type.Optional({
    ...UserName,
    description:
      "User of the host server. Jobs that specify no user run as this user; without it, as the launcher's own.",
    ...setting('ServerUser')
  }),
  'admin-group': Type.Optional(
    Type.String({
      ...oneLine,
      description: 'Group whose members see and control the jobs of all users.',
      ...setting('AdminGroup')
    })
  ),
  'authorization-enabled': Type.Boolean({
    default: true,
    description: 'Whether users see and control only their own jobs.',
    ...setting('AuthorizationEnabled')
  }),
  'groups-from-request': Type.Boolean({
    default: false,
    description:
      "Whether a request may name its user's groups in X-Launcher-Groups, for a host whose users this machine does " +
      'not know.',
    ...setting('GroupsFromRequest', {
      description:
        "Whether the host names a user's groups with each request, in X-Launcher-Groups. Without it the launcher " +
        'looks them up on this machine and refuses a request that names any.'
    })
  }),
  'scratch-path': Type.String({
    heading: 'Storage: where data is kept, and for how long.',
    ...ABSOLUTE_PATH,
    default: DEFAULT_SCRATCH_PATH,
    description:
      'Folder for the database, the key, the socket and the output of jobs. One launcher only, outside the folder ' +
      'of this file.',
    ...setting('ScratchPath', {
      type: 'path',
      spawned: '/var/lib/rstudio-connect-launcher',
      description:
        'Folder for the database, the key, the socket and the output of jobs. One launcher only, outside the ConfigDir.'
    })
  }),
  'job-expiry-hours': Type.Number({
    ...JOB_EXPIRY_HOURS,
    description: 'Hours that the output of an ended job is kept; 0.25 is a quarter of an hour.',
    ...setting('JobExpiry', { least: '1s', description: 'How long the output of an ended job is kept.' })
  }),
  'job-history-hours': Type.Number({
    minimum: 0,
    maximum: JOB_EXPIRY_HOURS.maximum,
    unit: 'hours',
    default: 720,
    description:
      'Hours that an ended job stays in the list, without its output after job-expiry-hours. If they are fewer, the ' +
      'job goes with its output. At most the last 100000 jobs stay without output. A reload takes effect within a ' +
      'minute.',
    ...setting('JobHistory', {
      description:
        'How long an ended job stays in the list, without its output after JobExpiry. If it is shorter, such as 0, ' +
        'the job goes with its output. At most the last 100000 jobs stay without output.'
    })
  }),
  'request-timeout-seconds': Type.Number({
    heading:
      "Limits of a request: seconds that it may wait for a cluster, bytes of its body and of a job's metadata.",
    minimum: 0.001,
    maximum: 86_400,
    unit: 'seconds',
    default: 120,
    description: 'Seconds that a request may wait for a cluster.',
    ...setting('RequestTimeout', { least: '1s', description: 'How long a request may wait for a cluster.' })
  }),
  'max-message-size': Type.Integer({
    minimum: 1024,
    maximum: 2 ** 30,
    unit: 'bytes',
    default: 5 * 2 ** 20,
    description: 'Largest body of a request, in bytes or as 5MB or 5 MiB.',
    ...setting('MaxMessageSize', { description: 'Largest body of a request.' })
  }),
  'max-metadata-size': Type.Integer({
    minimum: 0,
    maximum: 2 ** 20,
    unit: 'bytes',
    default: 2 ** 16,
    description: 'Largest metadata of a job as JSON, in bytes or as 64KB or 64 KiB.',
    ...setting('MaxMetadataSize', { description: 'Largest metadata of a job, as JSON.' })
  }),
  'log-level': Type.Enum([...LOG_LEVELS], {
    heading: 'Log and name.',
    type: 'string',
    default: 'info',
    description: `Least severe level of the log lines that are written: ${LOG_LEVELS.join(', ')}.`,
    ...setting('LogLevel')
  }),
  'instance-name': Type.Optional(
    Type.String({
      ...oneLine,
      description: 'Name for people, shown beside the id of this launcher instance.',
      ...setting('InstanceName')
    })
  )
})

export type ServerKeys = Static<typeof SERVER_KEYS>

export interface ServerConfig {
  readonly address: Address
  readonly serverUser?: string
  readonly adminGroup?: string
  readonly authorizationEnabled: boolean
  readonly groupsFromRequest: boolean
  readonly scratchPath: string
  readonly jobExpiryMs: number
  readonly jobHistoryMs: number
  readonly requestTimeoutMs: number
  /** Present exactly if the API is served over TLS. */
  readonly tls?: { readonly certificateFile: string, readonly certificateKeyFile: string }
  /** File with the key that clients on TCP authenticate with. */
  readonly keyFile: string
  /** File with the key that only reads health, metrics and the OpenAPI document. */
  readonly monitoringKeyFile: string
  readonly maxMessageBytes: number
  /** Largest metadata of a job, as JSON. */
  readonly maxMetadataBytes: number
  readonly logLevel: string
  readonly instanceName?: string
}

/** Keys may be missing if the section has problems; the result must not be used then. */
export function serverConfigOf (keys: ServerKeys): ServerConfig {
  return {
    address: addressOf(keys),
    ...(keys['server-user'] !== undefined && { serverUser: keys['server-user'] }),
    ...(keys['admin-group'] !== undefined && { adminGroup: keys['admin-group'] }),
    authorizationEnabled: keys['authorization-enabled'],
    groupsFromRequest: keys['groups-from-request'],
    scratchPath: keys['scratch-path'],
    jobExpiryMs: Math.round(keys['job-expiry-hours'] * HOUR_MS),
    jobHistoryMs: Math.round(keys['job-history-hours'] * HOUR_MS),
    requestTimeoutMs: Math.round(keys['request-timeout-seconds'] * 1000),
    ...(keys['enable-ssl'] && {
      tls: { certificateFile: keys['certificate-file']!, certificateKeyFile: keys['certificate-key-file']! }
    }),
    keyFile: keys['secure-cookie-key-file'],
    monitoringKeyFile: keys['monitoring-key-file'],
    maxMessageBytes: keys['max-message-size'],
    maxMetadataBytes: keys['max-metadata-size'],
    logLevel: keys['log-level'],
    ...(keys['instance-name'] !== undefined && { instanceName: keys['instance-name'] })
  }
}

export function addressOf ({ address, port }: ServerKeys): Address {
  return address?.startsWith('/') ? { socket: address } : { host: address?.replace(/^\[(.*)\]$/, '$1'), port: port! }
}
