import t from 'tap'
import fc from 'fast-check'
import { escapeControls, fitText, textWidth } from '../../../launcher/cli/plain-text.ts'

t.test('characters that would move the cursor or hide text are shown as escapes', async t => {
  t.equal(escapeControls('a\x1b[31mb\n\t\r\x00\x7f\x9b'), 'a\\x1b[31mb\\n\\t\\r\\x00\\x7f\\x9b')
  t.equal(escapeControls('admin\u202egnp.exe \u2066'), 'admin\\u202egnp.exe \\u2066')
  t.equal(escapeControls('naïve 日本 😀'), 'naïve 日本 😀')
})

t.test('no input can control a terminal', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(escapeControls(text))))
})

t.test('wide and combining characters are counted as a terminal shows them', async t => {
  t.equal(textWidth('abc'), 3)
  t.equal(textWidth('日本'), 4)
  t.equal(textWidth('e\u0301'), 1)
  t.equal(textWidth('😀'), 2)
})

t.test('text is cut to fit, with an ellipsis for what is missing', async t => {
  t.equal(fitText('report', 6), 'report')
  t.equal(fitText('report', 5), 'repo…')
  t.equal(fitText('日本語', 4), '日…')
  t.equal(fitText('report', 1), '…')
  t.equal(fitText('report', 0), '')
  fc.assert(fc.property(fc.string(), fc.nat(20), (text, columns) => textWidth(fitText(text, columns)) <= columns))
})
