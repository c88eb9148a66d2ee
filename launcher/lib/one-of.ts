// The schema of a field that has one of a few words.

import { Type } from 'typebox'

/** `type` stands beside `enum`, because generators of clients need it. */
export function OneOf<const Word extends string> (words: readonly Word[], options: object = {}) {
  return Type.Enum<Word[]>([...words], { type: 'string', ...options })
}
