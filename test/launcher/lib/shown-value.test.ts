import t from 'tap'
import { shownValue, shownWord } from '../../../launcher/lib/shown-value.ts'

t.test('a value is shown as it is in JSON, a list or an object only as what it is', async t => {
  for (const [value, shown] of [
    ['ten', '"ten"'], ['', '""'], ['say "x"', '"say \\"x\\""'], [1.5, '1.5'], [-0, '0'], [true, 'true'], [null, 'null'],
    [['hush'], 'a list'], [{ a: 'hush' }, 'an object']
  ] as const) t.equal(shownValue(value), shown)
  t.equal(shownWord('say "x"'), 'say "x"')
})

t.test('text stays on one line, and what cannot be seen is escaped', async t => {
  t.equal(shownValue('a\nb\0c\x1b[2J\x7f\x9b\u2028\u202e\u200b\ud800é😀'),
    '"a\\nb\\u0000c\\u001b[2J\\u007f\\u009b\\u2028\\u202e\\u200b\\ud800é😀"')
  t.equal(shownValue('\u{e0001}'), '"\\udb40\\udc01"')
  t.equal(shownWord('a\nb'), 'a\\nb')
})

t.test('long text is cut between characters', async t => {
  t.equal(shownValue('x'.repeat(80)), `"${'x'.repeat(80)}"`)
  t.equal(shownValue('x'.repeat(81)), `"${'x'.repeat(80)}…"`)
  t.equal(shownValue('x'.repeat(79) + '😀'), `"${'x'.repeat(79)}…"`)
  t.equal(shownWord('x'.repeat(1_000_000)).length, 81)
})
