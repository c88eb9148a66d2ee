import t from 'tap'
import fc from 'fast-check'
import { readIniValue, writeIniValue } from '../../../launcher/lib/ini-value.ts'

t.test('every written value is read back unchanged', async t => {
  const text = fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom(
          '#',
          ';',
          '\\',
          '"',
          "'",
          '=',
          '[',
          ']',
          ' ',
          '\t',
          '\r',
          '\n',
          'a',
          '\u2028',
          '\uD800',
          '\uFEFF'
        )
      })
    )
    .filter(value => !value.includes('\0'))
  fc.assert(
    fc.property(text, value => {
      const written = writeIniValue(value)
      const read = readIniValue(Buffer.from(written).toString())
      return !/[\r\n]/.test(written) && 'value' in read && read.value === value
    }),
    { numRuns: 2000 }
  )
  t.pass('for every text without NUL')
})

t.test('each spelling is read as the value that it stands for', async t => {
  const cases: Array<[string, string]> = [
    ['', ''],
    ['  plain text  ', 'plain text'],
    ['a=b', 'a=b'],
    ['"a # b ; c"', 'a # b ; c'],
    ['"a\\"b\\\\c\\n"', 'a"b\\c\n'],
    ["'a # b'", 'a # b'],
    ["'5'", '5'],
    ["'true'", 'true'],
    ["'\"a\"'", '"a"'],
    ["''", ''],
    ['a\\#b\\;c\\\\d', 'a#b;c\\d'],
    ['C:\\folder', 'C:\\folder'],
    ['end\\', 'end\\'],
    ['it\'s "so"', 'it\'s "so"']
  ]
  for (const [text, value] of cases) t.strictSame(readIniValue(text), { value }, text)
})

t.test('a value that can be read in two ways is a problem', async t => {
  const cases: Array<[string, string]> = [
    ['a # b', 'has # in its value; put the value in double quotes, or the comment on its own line'],
    ['a;b', 'has ; in its value; put the value in double quotes, or the comment on its own line'],
    ['a\\\\#b', 'has # in its value; put the value in double quotes, or the comment on its own line'],
    ['"abc', 'has an unclosed quote'],
    ['"', 'has an unclosed quote'],
    ['"abc\\"', 'has an unclosed quote'],
    ["'abc", 'has an unclosed quote'],
    ['"abc" # note', 'has text after the closing quote'],
    ['"a" "b"', 'has text after the closing quote'],
    ["'a' 'b'", 'has text after the closing quote'],
    ['"a\\qb"', 'has an escape in its quotes that is not valid JSON; write \\\\ for a backslash'],
    ['"\\u0000"', 'has a NUL character in its value']
  ]
  for (const [text, problem] of cases) t.strictSame(readIniValue(text), { problem }, text)
})
