// Keys of launcher.local.conf that are the Local plugin's own.

import { Type, type Static } from 'typebox'

export const LocalConfig = Type.Object(
  {
    'server-user': Type.Optional(
      Type.String({
        minLength: 1,
        description: 'User that runs the jobs which name nobody; server-user of launcher.conf when it is left out.'
      })
    ),
    'profile-config': Type.Optional(
      Type.String({
        pattern: '^/',
        expected: 'an absolute path',
        default: '{config-dir}/launcher.local.profiles.conf',
        description: 'File with limits and defaults for all, a group or a user. It need not exist.'
      })
    ),
    'allow-unenforced-limits': Type.Boolean({
      default: false,
      description:
        'Accept a limit that cannot be kept on this machine, and say so on the job, instead of refusing the job.'
    })
  },
  { additionalProperties: false, title: 'LocalConfig' }
)

export type LocalConfig = Static<typeof LocalConfig>
