// Reads a profiles file: limits and defaults for all, a group or a user, each value with the line that set it.

import { suggest } from '../lib/closest-match.ts'
import { policyText, type ReadFile } from '../lib/policy-file.ts'
import type { Problem } from '../lib/problem.ts'
import { scanIni } from '../lib/read-ini.ts'

/** A key that a cluster's profiles may have. */
export interface ProfileKey<Value> {
  /** What a value has to be, as it ends the sentence "is not …". */
  readonly expected: string
  /** Undefined when the text is no such value. */
  readonly read: (text: string) => Value | undefined
}

export type ProfileKeys = Readonly<Record<string, ProfileKey<unknown>>>
export type ValueOf<Key> = Key extends ProfileKey<infer Value> ? Value : never

/** A value, and where it comes from. */
export interface ProfileValue<Value> {
  readonly value: Value
  readonly file: string
  readonly line: number
}

export interface Profiles<Keys extends ProfileKeys> {
  /**
   * A user's section beats a group's, a group's beats the one for all; of two of one kind the later. Each key by
   * itself.
   */
  valueOf<Key extends keyof Keys>(
    key: Key,
    user: string,
    groups: readonly string[]
  ): ProfileValue<ValueOf<Keys[Key]>> | undefined
  /** Every value that the file gives a key, to whomever, in the order of the file. */
  every<Key extends keyof Keys> (key: Key): ReadonlyArray<ProfileValue<ValueOf<Keys[Key]>>>
}

interface Section {
  readonly to: 'all' | 'group' | 'user'
  readonly name: string
  readonly values: ReadonlyMap<string, ProfileValue<unknown>>
}

/**
 * Of a file; one that is not there has no profiles. What is wrong is added to `problems`: the profiles count only when
 * nothing was.
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

/** The same of a text. */
export function parseProfiles<Keys extends ProfileKeys> (
  keys: Keys,
  text: string,
  file: string,
  problems: Problem[]
): Profiles<Keys> {
  const { sections: found, problems: scanned } = scanIni(text, { file })
  const wrong: Problem[] = [...scanned]
  const sections: Section[] = []
  for (const { name, line, entries } of found) {
    const whom = whomOf(name)
    if (whom === undefined) {
      wrong.push({ file, line, key: `[${name}]`, problem: 'names nobody; write [*], [@group] or [user]' })
    }
    const values = new Map<string, ProfileValue<unknown>>()
    for (const { key, value: text, line } of entries) {
      const known = Object.hasOwn(keys, key) ? keys[key] : undefined
      const value = known?.read(text)
      if (known === undefined) {
        wrong.push({ file, line, key, problem: `is not a known key${suggest(key, Object.keys(keys))}` })
      } else if (value === undefined) {
        wrong.push({ file, line, key, problem: `is not ${known.expected}: ${text}` })
      } else {
        values.set(key, { value, file, line })
      }
    }
    if (whom !== undefined) sections.push({ ...whom, values })
  }
  problems.push(...wrong.sort((a, b) => a.line! - b.line!))

  return {
    every: key =>
      sections.flatMap(({ values }) => values.get(String(key)) ?? []) as Array<ProfileValue<ValueOf<Keys[typeof key]>>>,
    valueOf (key, user, groups) {
      for (const kind of ['user', 'group', 'all'] as const) {
        const section = sections.findLast(
          ({ to, name, values }) =>
            to === kind &&
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

function numberIn (text: string, holds: (value: number) => boolean): number | undefined {
  const value = Number(text)
  return text.trim() !== '' && Number.isFinite(value) && holds(value) ? value : undefined
}

function whomOf (section: string): Pick<Section, 'to' | 'name'> | undefined {
  if (section === '*') return { to: 'all', name: '*' }
  if (section.startsWith('@')) return section.length > 1 ? { to: 'group', name: section.slice(1) } : undefined
  return section === '' ? undefined : { to: 'user', name: section }
}
