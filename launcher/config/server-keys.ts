// Keys of section [server] in launcher.conf.

import { Type, type Static } from 'typebox'
import { UserName } from '../model/job.ts'
import { LOG_LEVELS } from './log-levels.ts'

/** Pattern of a path; {key} in a default stands for the value of that key. */
const absolute = { pattern: '^/[^\\u0000]*$', expected: 'an absolute path' } as const

export const SERVER_KEYS = Type.Object({
  address: Type.String({
    pattern: '^(/[^\\u0000]*|[A-Za-z0-9.:-]+|\\[[0-9A-Fa-f:.]+\\])$',
    expected: 'a socket path or a host',
    default: '{scratch-path}/launcher.sock',
    description: 'Where the API is served: the path of a Unix socket, or a host such as 127.0.0.1 or ::1, with port.'
  }),
  port: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description: 'TCP port; only for a host, and needed there. 0 takes any free one.'
    })
  ),
  'server-user': Type.Optional({
    ...UserName,
    description: "User of the host server. Jobs that name no user run as this one; without it, as the launcher's own."
  }),
  'admin-group': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Group whose members see and control the jobs of all users.'
    })
  ),
  'authorization-enabled': Type.Boolean({
    default: true,
    description: 'Whether users see and control only their own jobs.'
  }),
  'scratch-path': Type.String({
    ...absolute,
    default: '/var/lib/rstudio-launcher',
    description:
      'Folder for the database, the key, the socket and the output of jobs. One launcher only, outside the folder ' +
      'of this file.'
  }),
  'job-expiry-hours': Type.Number({
    minimum: 0.0001,
    maximum: 87_600,
    default: 24,
    description: 'Hours that an ended job and its output are kept; 0.25 is a quarter of an hour.'
  }),
  'request-timeout-seconds': Type.Number({
    minimum: 0.001,
    maximum: 86_400,
    default: 120,
    description: 'Seconds that a request may wait for a cluster.'
  }),
  'enable-ssl': Type.Boolean({
    default: false,
    description: 'Whether the API is served over TLS. Needed for a host that other machines can reach.'
  }),
  'certificate-file': Type.Optional(Type.String({ ...absolute, description: 'TLS certificate (PEM).' })),
  'certificate-key-file': Type.Optional(
    Type.String({ ...absolute, description: 'Private key (PEM) of the certificate.' })
  ),
  'secure-cookie-key-file': Type.String({
    ...absolute,
    default: '{scratch-path}/launcher.key',
    description: 'File with the key that a client on TCP proves itself with; created when it is not there.'
  }),
  'max-message-size': Type.Integer({
    minimum: 1024,
    maximum: 2 ** 30,
    unit: 'bytes',
    default: 5 * 2 ** 20,
    description: 'Largest body of a request, in bytes or as 5MB or 5 MiB.'
  }),
  'log-level': Type.Enum([...LOG_LEVELS], {
    type: 'string',
    default: 'info',
    description: `Least severe log lines that are written: ${LOG_LEVELS.join(', ')}.`
  }),
  'instance-name': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Name for people, shown beside the id of this launcher instance.'
    })
  ),
  'groups-from-request': Type.Boolean({
    default: false,
    description:
      "Whether a request may name its user's groups in X-Launcher-Groups, for a host whose users this machine does " +
      'not know.'
  }),
  'max-metadata-size': Type.Integer({
    minimum: 0,
    maximum: 2 ** 20,
    unit: 'bytes',
    default: 2 ** 16,
    description: 'Largest metadata of a job as JSON, in bytes or as 64KB or 64 KiB.'
  })
})

export type ServerKeys = Static<typeof SERVER_KEYS>
