// Makes texts that are almost valid files, and some that are nothing like one.

import fc, { type Arbitrary } from 'fast-check'

type Edit = (text: string) => string

/** A few edits of one of the samples, or any text. */
export function bentText (samples: readonly string[]): Arbitrary<string> {
  const words = [...new Set(samples.flatMap(sample => sample.split(/[^\w./@*-]+/)))].filter(word => word !== '')
  const piece = fc.oneof(
    fc.constantFrom(...NASTY),
    fc.constantFrom(...words),
    fc.string({ unit: 'binary', maxLength: 12 })
  )
  const place = fc.double({ min: 0, max: 1, noNaN: true })
  const edit: Arbitrary<Edit> = fc.oneof(
    fc.tuple(place, piece).map(
      ([at, piece]): Edit =>
        text =>
          text.slice(0, at * text.length) + piece + text.slice(at * text.length)
    ),
    fc.tuple(place, fc.nat(20)).map(
      ([at, length]): Edit =>
        text =>
          text.slice(0, at * text.length) + text.slice(at * text.length + length)
    ),
    fc.tuple(place, piece).map(
      ([at, piece]): Edit =>
        text =>
          replaceWord(text, at, piece)
    ),
    fc.tuple(place, place).map(
      ([from, to]): Edit =>
        text =>
          moveLine(text, from, to, false)
    ),
    fc.tuple(place, place).map(
      ([from, to]): Edit =>
        text =>
          moveLine(text, from, to, true)
    ),
    place.map(
      (at): Edit =>
        text =>
          text.slice(0, at * text.length)
    ),
    fc.constantFrom<Edit>(
      text => text.replaceAll('\n', '\r\n'),
      text => text + text,
      text => text.toUpperCase(),
      text => `\uFEFF${text}`
    )
  )
  const edited = fc
    .tuple(fc.constantFrom(...samples), fc.array(edit, { maxLength: 5 }))
    .map(([sample, edits]) => edits.reduce((text, edit) => edit(text), sample))
  return fc.oneof(
    { weight: 9, arbitrary: edited },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) }
  )
}

const NASTY = [
  '',
  '\0',
  '\n',
  '\r',
  '\t',
  ' ',
  '=',
  '[',
  ']',
  '[]',
  '[*]',
  '#',
  ';',
  ':',
  ': ',
  '- ',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '\\u0000',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '!!js/function ',
  '? ',
  '| ',
  '>-\n',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '~',
  'null',
  'true',
  'yes',
  '.inf',
  '.nan',
  '0',
  '-1',
  '1e999',
  '0x10',
  '0o17',
  '9'.repeat(400),
  '1_000',
  '12:30:45',
  '../../etc/passwd',
  '/',
  '//',
  '$(id)',
  '$HOME',
  '%s',
  '__proto__',
  'constructor',
  'x'.repeat(20_000),
  '['.repeat(500),
  '{a: '.repeat(300),
  '\u2028',
  '\uD800',
  'ß',
  '\u{1F600}'
]

function replaceWord (text: string, at: number, piece: string): string {
  const words = [...text.matchAll(/[^\s=:,]+/g)]
  const word = words[Math.floor(at * (words.length - 1))]
  return word === undefined ? piece : text.slice(0, word.index) + piece + text.slice(word.index + word[0].length)
}

function moveLine (text: string, from: number, to: number, copy: boolean): string {
  const lines = text.split('\n')
  const index = Math.floor(from * (lines.length - 1))
  const line = lines[index]!
  if (!copy) lines.splice(index, 1)
  lines.splice(Math.floor(to * lines.length), 0, line)
  return lines.join('\n')
}
