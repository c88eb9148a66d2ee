// The configuration of the Local plugin: the keys of launcher.local.conf, and the values that they become.

import { Type, type Static } from 'typebox'
import { setting, type KeyRules, type RuledBy } from '../../launcher/plugin.ts'
import { defined } from '../../launcher/lib/defined.ts'
import { ABSOLUTE_PATH } from '../../launcher/lib/absolute-path.ts'
import { CLUSTER_KEYS, withHeading } from '../../launcher/plugin-kit/cluster-keys.ts'
import { RUNNING_KEYS, runningSetting } from '../../launcher/plugin-kit/start-rules.ts'
import { OUTPUT_KEYS, outputSetting, type OutputSetting } from '../../launcher/plugin-kit/output-limit.ts'

/** The keys in the order of the file. A new key goes to the end of its group. */
export const LocalKeys = Type.Object({
  ...CLUSTER_KEYS.properties,
  ...RUNNING_KEYS.properties,
  ...OUTPUT_KEYS.properties,
  'scratch-path': withHeading(
    CLUSTER_KEYS.properties['scratch-path'],
    'Folder for the files and the output of local jobs.'
  ),
  'server-user': Type.Optional(
    Type.String({
      heading: 'Users that jobs run as, and what jobs may use.',
      minLength: 1,
      description:
        'User that runs the jobs that specify no user; server-user of launcher.conf if it is left out.',
      ...setting('LocalServerUser', {
        description: 'User that runs the local jobs that specify no user; the ServerUser if it is left out.'
      })
    })
  ),
  'profile-config': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      default: '{config-dir}/launcher.local.profiles.conf',
      mustExist: true,
      description: 'File with limits and defaults for all, a group or a user. Only the default may be missing.',
      ...setting('LocalProfilesConfig', {
        type: 'path',
        description: 'Limits and defaults of local jobs for all, a group or a user. Only the default may be missing.'
      })
    })
  ),
  'allow-unenforced-limits': Type.Boolean({
    default: false,
    description:
      'Accept a limit that this machine cannot enforce, and report it on the job, instead of refusing the job.',
    ...setting('AllowUnenforcedLimits', {
      description:
        'Accept a limit of a local job that this machine cannot enforce, and report it on the job, instead of ' +
        'refusing the job.'
    })
  })
})

export interface LocalConfig {
  /** User that runs the jobs of the default user. */
  readonly serverUser?: string
  readonly profilesFile?: string
  /** Accept limits that cannot be enforced. */
  readonly allowUnenforcedLimits: boolean
  /** Most output of a job of a user whose profiles have no limit, in MB. 0 is no limit, as if it were missing. */
  readonly outputLimit?: OutputSetting
  /** Most jobs that may run at once. */
  readonly maxRunningJobs?: RuledBy<number>
}

export function localConfigOf (keys: Static<typeof LocalKeys>, rules: KeyRules): LocalConfig {
  const { 'server-user': serverUser, 'profile-config': profilesFile } = keys
  return {
    ...(serverUser !== undefined && { serverUser }),
    ...(profilesFile !== undefined && { profilesFile }),
    ...defined({ maxRunningJobs: runningSetting(keys, rules) }),
    allowUnenforcedLimits: keys['allow-unenforced-limits'],
    outputLimit: outputSetting(keys, rules)
  }
}
