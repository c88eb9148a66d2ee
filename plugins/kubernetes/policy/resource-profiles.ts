// Reads the resource profiles: named sets of limits from which a job can choose, in the order of the file.

import { suggest } from '../../../launcher/lib/closest-match.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import {
  positiveNumber,
  wholeNumber,
  type ProfileKey,
  type ProfileKeys
} from '../../../launcher/plugin-kit/profiles.ts'
import { scanIni, type IniSection } from '../../../launcher/lib/read-ini.ts'
import { placements, RESOURCE_PROFILE_NAME, type Placement } from './profile-keys.ts'
import type { KnownLimit } from '../objects/resource-requirements.ts'

export interface ResourceProfile {
  /** Name of the section. Jobs and profiles refer to it. */
  readonly name: string
  /** Display name; defaults to the name of the section. */
  readonly title: string
  readonly limits: ReadonlyArray<{ readonly type: KnownLimit, readonly value: number, readonly line: number }>
  readonly placementConstraints: readonly Placement[]
  readonly file: string
  readonly line: number
}

const title: ProfileKey<string> = { expected: 'a non-empty string', read: text => text === '' ? undefined : text }
const KEYS = {
  name: title,
  cpus: positiveNumber,
  'cpus-request': positiveNumber,
  'mem-mb': positiveNumber,
  'mem-mb-request': positiveNumber,
  'nvidia-gpus': wholeNumber,
  'amd-gpus': wholeNumber,
  'placement-constraints': placements
} as const satisfies ProfileKeys

/** The limit of a job that each key sets. */
const LIMITS = {
  cpus: 'cpuCount',
  'cpus-request': 'cpuRequest',
  'mem-mb': 'memory',
  'mem-mb-request': 'memoryRequest',
  'nvidia-gpus': 'nvidiaGpus',
  'amd-gpus': 'amdGpus'
} as const satisfies Partial<Record<keyof typeof KEYS, KnownLimit>>

/** Requests, each with the limit that it must not exceed. */
const REQUESTS = [['cpus-request', 'cpus'], ['mem-mb-request', 'mem-mb']] as const

/** Adds what is wrong to `problems`. The resource profiles must only be used if nothing was added. */
export function parseResourceProfiles (text: string, file: string, problems: Problem[]): ResourceProfile[] {
  const { sections, problems: scanned } = scanIni(text, { file })
  const found: Problem[] = [...scanned]
  const profiles = sections.map((section, index) => {
    const first = sections.findIndex(({ name }) => name === section.name)
    const report = (problem: string): void => {
      found.push({ file, line: section.line, key: `[${section.name}]`, problem })
    }
    if (!RESOURCE_PROFILE_NAME.test(section.name)) {
      report('is not a name of at most 128 letters, digits, . _ and - that begins with a letter or digit')
    } else if (first !== index) report(`is already defined in line ${sections[first]!.line}`)
    return profileOf(section, file, found)
  })
  problems.push(...found.sort((a, b) => a.line! - b.line!))
  return profiles
}

function profileOf ({ name, line, entries: lines }: IniSection, file: string, problems: Problem[]): ResourceProfile {
  const entries = new Map<string, { value: unknown, line: number }>()
  for (const { key, value: text, line } of lines) {
    const known: ProfileKey<unknown> | undefined = Object.hasOwn(KEYS, key) ? KEYS[key as keyof typeof KEYS] : undefined
    const value = known?.read(text)
    const report = (problem: string) => problems.push({ file, line, key, problem })
    if (known === undefined) report(`is not a known key${suggest(key, Object.keys(KEYS))}`)
    else if (value === undefined) report(`is not ${known.expected}: ${text}`)
    else entries.set(key, { value, line })
  }
  for (const [request, limit] of REQUESTS) {
    const [requestEntry, limitEntry] = [entries.get(request), entries.get(limit)]
    if (requestEntry === undefined || limitEntry === undefined) continue
    if ((requestEntry.value as number) <= (limitEntry.value as number)) continue
    problems.push({
      file,
      line: requestEntry.line,
      key: request,
      problem: `is more than ${limit} in line ${limitEntry.line}: ${requestEntry.value as number}`
    })
  }
  return {
    name,
    title: entries.get('name')?.value as string | undefined ?? name,
    limits: (Object.keys(LIMITS) as Array<keyof typeof LIMITS>).flatMap(key => {
      const { value, line } = entries.get(key) ?? { value: 0, line: 0 }
      return value === 0 ? [] : [{ type: LIMITS[key], value: value as number, line }]
    }),
    placementConstraints: entries.get('placement-constraints')?.value as Placement[] | undefined ?? [],
    file,
    line
  }
}
