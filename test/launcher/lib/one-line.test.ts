import t from 'tap'
import { ONE_LINE } from '../../../launcher/lib/one-line.ts'

t.test('text on one line has no control character and no separator of lines', async t => {
  const isOneLine = (text: string): boolean => new RegExp(ONE_LINE.pattern).test(text)
  for (const text of ['a', "anna's läb", '😀', ' ', '.']) t.ok(isOneLine(text), text)
  for (const text of ['', 'a\nb', '\0', '\t', '\x7f', '\x85', '\u2028', '\u2029']) {
    t.notOk(isOneLine(text), encodeURIComponent(text))
  }
})
