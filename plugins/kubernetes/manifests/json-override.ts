// Applies the JSON overrides of a profile to the Job of a job. Pure.

import { LauncherError } from '../../../launcher/errors.ts'
import { placeOf } from '../../../launcher/lib/problem.ts'
import type { RecordedFields } from '../metadata/job-record.ts'
import { reservedIn } from './check-reserved.ts'
import { PROGRAM, type ReservedField } from './reserved-fields.ts'
import { traced, plainOf, type TracedValue } from './traced-value.ts'
import { setAt, readPointer } from './json-pointer.ts'

/** One JSON override of a profile. */
export interface Override {
  /** JSON pointer into the Job. */
  readonly pointer: string
  readonly value: unknown
  /** The line of the profile. */
  readonly source: { readonly file: string, readonly line: number }
  /** The file that holds the value. */
  readonly valueFile: string
}

/**
 * `own` is the launcher's own Job; `fields` are those that only the launcher may set. Throws NotAllowedByProfile, with
 * file and line, for an override that cannot be applied to the job.
 */
export function withOverrides (
  merged: TracedValue,
  overrides: readonly Override[],
  own: TracedValue,
  job: RecordedFields,
  fields: readonly ReservedField[]
): TracedValue {
  const reserved = [...fields, secretVariables(job)]
  return overrides.reduce((object, override) => applyOverride(object, override, own, reserved), merged)
}

function applyOverride (
  object: TracedValue,
  { pointer, value, source, valueFile }: Override,
  own: TracedValue,
  reserved: readonly ReservedField[]
): TracedValue {
  const origin = { from: 'override', name: pointer, file: source.file } as const
  const result = setAt(object, readPointer(pointer)!, traced(value, { source: origin, line: source.line }))
  const problem = 'problem' in result ? result.problem : changedReserved(own, result.value, reserved)
  if ('value' in result && problem === undefined) return result.value
  throw new LauncherError('NotAllowedByProfile',
    `The JSON override ${pointer} of ${placeOf(source)} (value in ${valueFile}) cannot be applied to the job: it ` +
    `${problem}.`,
    { key: 'job-json-overrides', pointer, file: source.file, line: source.line })
}

/** Describes the first reserved field that an override removed or changed. */
function changedReserved (
  own: TracedValue,
  merged: TracedValue,
  reserved: readonly ReservedField[]
): string | undefined {
  const before = reservedContents(own, reserved)
  const after = reservedContents(merged, reserved)
  const [identity] = [...new Set([...before.keys(), ...after.keys()])].filter(key => before.get(key) !== after.get(key))
  return identity === undefined ? undefined : `changes ${identity}, which is reserved for the launcher`
}

function reservedContents (object: TracedValue, reserved: readonly ReservedField[]): Map<string, string> {
  const all = new Map<string, string>()
  for (const { identity, value } of reservedIn(object, reserved)) {
    all.set(identity, (all.get(identity) ?? '') + JSON.stringify(plainOf(value)))
  }
  return all
}

/** The variables whose values come from the Secret of the job. */
function secretVariables ({ submission: { secrets = [] } }: RecordedFields): ReservedField {
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
