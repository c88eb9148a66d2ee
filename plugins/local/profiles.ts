// Reads the profiles file of the Local plugin: limits and defaults for all, a group or a user.

import { readFile } from 'node:fs/promises'
import { LauncherError, systemCode } from '../../launcher/errors.ts'
import { nearest } from '../../launcher/lib/nearest.ts'
import { problemsError, type Problem } from '../../launcher/lib/problem.ts'
import { scanIni } from '../../launcher/lib/read-ini.ts'

export const PROFILE_KEYS = ['default-cpus', 'max-cpus', 'default-mem-mb', 'max-mem-mb'] as const
export type ProfileKey = typeof PROFILE_KEYS[number]

export interface ProfileValue {
  readonly value: number
  readonly file: string
  readonly line: number
}

interface Profile {
  readonly applies: { readonly to: 'all' | 'group' | 'user', readonly name: string }
  readonly values: ReadonlyMap<ProfileKey, ProfileValue>
}

export type Profiles = readonly Profile[]

/** A file that is not there has no profiles. Throws FileNotReadable, or ConfInvalid with file and line. */
export async function readProfiles (file: string): Promise<Profiles> {
  try {
    return parseProfiles(await readFile(file, 'utf8'), file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    if (error instanceof LauncherError) throw error
    throw new LauncherError('FileNotReadable', `The profiles file ${file} cannot be read (${systemCode(error)}).`, { file }, { cause: error })
  }
}

export function parseProfiles (text: string, file: string): Profiles {
  const { sections, problems: found } = scanIni(text, { file })
  const problems: Problem[] = [...found]
  const profiles: Profile[] = []
  for (const { name, line, entries } of sections) {
    const applies = appliesTo(name)
    if (applies === undefined) problems.push({ file, line, key: `[${name}]`, problem: 'names nobody; write [*], [@group] or [user]' })
    const values = new Map<ProfileKey, ProfileValue>()
    for (const { key, value, line } of entries) {
      const number = Number(value)
      if (!isProfileKey(key)) {
        const near = nearest(key, PROFILE_KEYS)
        problems.push({ file, line, key, problem: `is not a known key${near === undefined ? '' : `; did you mean ${near}?`}` })
      } else if (value.trim() === '' || !Number.isFinite(number) || number <= 0) {
        problems.push({ file, line, key, problem: 'is not a number greater than 0' })
      } else {
        values.set(key, { value: number, file, line })
      }
    }
    if (applies !== undefined) profiles.push({ applies, values })
  }
  if (problems.length > 0) throw problemsError('ConfInvalid', problems.sort((a, b) => a.line! - b.line!))
  return profiles
}

/** A user's section beats a group's, a group's beats the one for all; of two of one kind the later. Each key by itself. */
export function profileValue (profiles: Profiles, key: ProfileKey, user: string, groups: readonly string[]): ProfileValue | undefined {
  for (const kind of ['user', 'group', 'all'] as const) {
    const found = profiles.findLast(({ applies: { to, name }, values }) =>
      to === kind && values.has(key) && (kind === 'all' || (kind === 'user' ? name === user : groups.includes(name))))
    if (found !== undefined) return found.values.get(key)
  }
}

function appliesTo (section: string): Profile['applies'] | undefined {
  if (section === '*') return { to: 'all', name: '*' }
  if (section.startsWith('@')) return section.length > 1 ? { to: 'group', name: section.slice(1) } : undefined
  return section === '' ? undefined : { to: 'user', name: section }
}

function isProfileKey (key: string): key is ProfileKey {
  return (PROFILE_KEYS as readonly string[]).includes(key)
}
