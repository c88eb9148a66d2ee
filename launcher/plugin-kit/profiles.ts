// Reads a profiles file: limits and defaults for all users, a group or a user, each value with the line that sets it.

import { suggest } from '../lib/closest-match.ts'
import { policyText, type ReadFile } from '../lib/policy-file.ts'
import type { Problem } from '../lib/problem.ts'
import { scanIni } from '../lib/read-ini.ts'

/** A key that a cluster's profiles may have. */
export interface ProfileKey<Value> {
  /** Describes valid values. Completes the sentence "is not …". */
  readonly expected: string
  /** Returns undefined if the text is not a valid value. */
  readonly read: (text: string) => Value | undefined
}

export type ProfileKeys = Readonly<Record<string, ProfileKey<unknown>>>
export type ValueOf<Key> = Key extends ProfileKey<infer Value> ? Value : never

/** A value, and where it is set. */
export interface ProfileValue<Value> {
  readonly value: Value
  readonly file: string
  readonly line: number
  /** The key that sets it, if it is not the profile key. */
  readonly key?: string
}

export interface Profiles<Keys extends ProfileKeys> {
  /**
   * A user's section has precedence over a group's, and a group's over the one for all users. Of several sections of
   * one kind, the last has precedence. This is decided for each key separately.
   */
  valueOf<Key extends keyof Keys>(
    key: Key,
    user: string,
    groups: readonly string[]
  ): ProfileValue<ValueOf<Keys[Key]>> | undefined
  /** Returns every value of a key, for any user or group, in the order of the file. */
  every<Key extends keyof Keys> (key: Key): ReadonlyArray<ProfileValue<ValueOf<Keys[Key]>>>
}

interface Section {
  readonly scope: 'all' | 'group' | 'user'
  readonly name: string
  readonly values: ReadonlyMap<string, ProfileValue<unknown>>
}

/**
 * Reads the profiles in a file. A missing file contains none. Adds what is wrong to `problems`; the profiles may be
 * used only if it adds nothing.
 */
export async function readProfiles<Keys extends ProfileKeys> (
  keys: Keys,
  file: string | undefined,
  read: ReadFile,
  problems: Problem[]
): Promise<Profiles<Keys>> {
  const text = file === undefined ? undefined : await policyText(read, file, problems, { mayBeMissing: true })
  return parseProfiles(keys, text ?? '', file ?? '', problems)
}

/** Reads the profiles in a text, as `readProfiles` does in a file. */
export function parseProfiles<Keys extends ProfileKeys> (
  keys: Keys,
  text: string,
  file: string,
  problems: Problem[]
): Profiles<Keys> {
  const { sections: scannedSections, problems: scanProblems } = scanIni(text, { file })
  const found: Problem[] = [...scanProblems]
  const sections: Section[] = []
  for (const { name, line, entries } of scannedSections) {
    const target = targetOf(name)
    if (target === undefined) {
      found.push({ file, line, key: `[${name}]`, problem: 'names no user or group; write [*], [@group] or [user]' })
    }
    const values = new Map<string, ProfileValue<unknown>>()
    for (const { key, value: text, line } of entries) {
      const known = Object.hasOwn(keys, key) ? keys[key] : undefined
      const value = known?.read(text)
      if (known === undefined) {
        found.push({ file, line, key, problem: `is not a known key${suggest(key, Object.keys(keys))}` })
      } else if (value === undefined) {
        found.push({ file, line, key, problem: `is not ${known.expected}: ${text}` })
      } else {
        values.set(key, { value, file, line })
      }
    }
    if (target !== undefined) sections.push({ ...target, values })
  }
  problems.push(...found.sort((a, b) => a.line! - b.line!))

  return {
    every: key =>
      sections.flatMap(({ values }) => values.get(String(key)) ?? []) as Array<ProfileValue<ValueOf<Keys[typeof key]>>>,
    valueOf (key, user, groups) {
      for (const kind of ['user', 'group', 'all'] as const) {
        const section = sections.findLast(
          ({ scope, name, values }) =>
            scope === kind &&
            values.has(String(key)) &&
            (kind === 'all' || (kind === 'user' ? name === user : groups.includes(name)))
        )
        if (section !== undefined) return section.values.get(String(key)) as ProfileValue<ValueOf<Keys[typeof key]>>
      }
    }
  }
}

/** A number greater than 0. */
export const positiveNumber: ProfileKey<number> = {
  expected: 'a number greater than 0',
  read: text => numberIn(text, value => value > 0)
}
/** A whole number, 0 included. */
export const wholeNumber: ProfileKey<number> = {
  expected: 'a whole number',
  read: text => numberIn(text, value => Number.isInteger(value) && value >= 0)
}

function numberIn (text: string, isValid: (value: number) => boolean): number | undefined {
  const value = Number(text)
  // Number() also takes +4, 0x10 and spaces.
  return /^\d+(\.\d+)?(e\d+)?$/i.test(text) && Number.isFinite(value) && isValid(value) ? value : undefined
}

function targetOf (section: string): Pick<Section, 'scope' | 'name'> | undefined {
  if (section === '*') return { scope: 'all', name: '*' }
  if (section.startsWith('@')) return section.length > 1 ? { scope: 'group', name: section.slice(1) } : undefined
  return section === '' ? undefined : { scope: 'user', name: section }
}
