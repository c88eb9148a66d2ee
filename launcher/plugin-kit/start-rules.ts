// The number and the order of a user's running jobs: the setting and the profile keys that decide them.

import { Type, type Static } from 'typebox'
import { defined } from '../lib/defined.ts'
import { setting } from '../model/conf-key.ts'
import { MAX_PRIORITY } from '../model/priority.ts'
import type { KeyRules, RuledBy, StartRules, Subject } from '../plugin.ts'
import { wholeNumber, type ProfileKey, type ProfileValue } from './profiles.ts'

const RUNNING_KEY = 'max-running-jobs'
const PRIORITY_KEY = 'max-priority'

/** The key in the conf file of a cluster whose plugin bounds its running jobs. */
export const RUNNING_KEYS = Type.Object({
  [RUNNING_KEY]: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'How many jobs may run at once; 0 for no bound. Further jobs wait, as WaitingForSlot. max-running-jobs of the ' +
      "profiles bounds each user's jobs besides.",
    ...setting('{type}MaxRunningJobs')
  })
})

/** The profile key of every cluster. */
export const PRIORITY_PROFILE_KEY: Readonly<Record<typeof PRIORITY_KEY, ProfileKey<number>>> = {
  [PRIORITY_KEY]: {
    expected: `a whole number from 0 to ${MAX_PRIORITY}`,
    read (text) {
      const value = wholeNumber.read(text)
      return value === undefined || value > MAX_PRIORITY ? undefined : value
    }
  }
}

/** The profile key of a cluster whose plugin bounds its running jobs. 0 is no bound. */
export const RUNNING_PROFILE_KEY: Readonly<Record<typeof RUNNING_KEY, ProfileKey<number>>> = {
  [RUNNING_KEY]: wholeNumber
}

/** Looks up the value of a key for a user. */
interface Values<Key extends string> {
  valueOf (key: Key, user: string, groups: readonly string[]): ProfileValue<number> | undefined
}

/** Returns the bound of the cluster's conf file with the line that sets it; undefined for no bound. */
export function runningSetting (keys: Static<typeof RUNNING_KEYS>, rules: KeyRules): RuledBy<number> | undefined {
  const value = keys[RUNNING_KEY]
  return value === 0 ? undefined : { key: RUNNING_KEY, value, ...rules.lineOf(RUNNING_KEY) }
}

/** Returns up to which number the priority of the user's jobs counts against jobs of other users. */
export function priorityRule (
  profiles: Values<typeof PRIORITY_KEY>, { user, groups }: Subject
): Pick<StartRules, 'maxPriority'> {
  return defined({ maxPriority: ruled(PRIORITY_KEY, profiles.valueOf(PRIORITY_KEY, user, groups)) })
}

/** Returns how many jobs may run at once. `ofCluster` is the bound of the conf file. */
export function runningRules (
  profiles: Values<typeof RUNNING_KEY>, { user, groups }: Subject, ofCluster: RuledBy<number> | undefined
): Pick<StartRules, 'maxRunningJobs' | 'maxRunningJobsOfUser'> {
  const ofUser = profiles.valueOf(RUNNING_KEY, user, groups)
  return defined({
    maxRunningJobs: ofCluster,
    maxRunningJobsOfUser: ruled(RUNNING_KEY, ofUser?.value === 0 ? undefined : ofUser)
  })
}

function ruled (key: string, found: ProfileValue<number> | undefined): RuledBy<number> | undefined {
  return found && { key, value: found.value, file: found.file, line: found.line }
}
