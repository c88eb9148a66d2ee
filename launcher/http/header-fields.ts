// The schema of header fields, whose names are shown as usual and read in lower case.

import { Type, type TObject, type TSchema } from 'typebox'
import { documentedAs } from '../lib/documented.ts'

/** The keys are the names as usual, such as Last-Event-ID. Node has them in lower case. */
export function headerFields<const F extends Record<string, TSchema>> (fields: F) {
  const read = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name.toLowerCase(), field]))
  return documentedAs(Type.Object(read) as TObject as TObject<LowerCase<F>>, Type.Object(fields))
}

type LowerCase<F> = { [Name in keyof F as Lowercase<Name & string>]: F[Name] }
