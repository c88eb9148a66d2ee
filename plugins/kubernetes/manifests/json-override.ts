// Puts the JSON overrides of a profile into the Job of a job. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { reservedIn } from './check-reserved.ts'
import { PROGRAM, type ReservedField } from './reserved-fields.ts'
import { traced, plainOf, type TracedValue } from './traced-value.ts'
import { placed, readPointer } from './json-pointer.ts'

/** One JSON override of a profile. */
export interface Override {
  /** JSON pointer into the Job. */
  readonly pointer: string
  readonly value: unknown
  /** The line of the profile. */
  readonly source: { readonly file: string, readonly line: number }
  /** The file that has the value. */
  readonly valueFile: string
}

/**
 * `own` is what the launcher sets, and `fields` what of it nobody else may. Throws NotAllowedByProfile, with file and
 * line, for one that does not fit the job.
 */
export function withOverrides (
  merged: TracedValue,
  overrides: readonly Override[],
  own: TracedValue,
  job: RecordedFields,
  fields: readonly ReservedField[]
): TracedValue {
  const owned = [...fields, secretsOf(job)]
  return overrides.reduce((piece, override) => overridden(piece, override, own, owned), merged)
}

function overridden (
  piece: TracedValue,
  { pointer, value, source, valueFile }: Override,
  own: TracedValue,
  owned: readonly ReservedField[]
): TracedValue {
  const origin = { from: 'override', name: pointer, file: source.file } as const
  const result = placed(piece, readPointer(pointer)!, traced(value, { source: origin, line: source.line }))
  const problem = 'problem' in result ? result.problem : changed(own, result.piece, owned)
  if ('piece' in result && problem === undefined) return result.piece
  throw new LauncherError('NotAllowedByProfile',
    `The JSON override ${pointer} of ${placeOf(source)} (value in ${valueFile}) does not fit the job: it ${problem}.`,
    { key: 'job-json-overrides', pointer, file: source.file, line: source.line })
}

/** Says what of the launcher's own an override took away or changed. */
function changed (own: TracedValue, shaped: TracedValue, owned: readonly ReservedField[]): string | undefined {
  const before = contents(own, owned)
  const after = contents(shaped, owned)
  const [identity] = [...new Set([...before.keys(), ...after.keys()])].filter(key => before.get(key) !== after.get(key))
  return identity === undefined ? undefined : `changes ${identity}, which is the launcher's`
}

function contents (object: TracedValue, owned: readonly ReservedField[]): Map<string, string> {
  const all = new Map<string, string>()
  for (const { identity, piece } of reservedIn(object, owned)) {
    all.set(identity, (all.get(identity) ?? '') + JSON.stringify(plainOf(piece)))
  }
  return all
}

/** Variables that are taken from the Secret of the job. */
function secretsOf ({ submission: { secrets = [] } }: RecordedFields): ReservedField {
  const names = new Set(secrets.map(({ name }) => name))
  return {
    path: [
      'spec',
      'template',
      'spec',
      'containers',
      PROGRAM,
      'env',
      { item: 'name', is: { test: name => names.has(name) } }
    ],
    why: 'it is a secret of the job'
  }
}
