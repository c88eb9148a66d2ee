import t from 'tap'
import fc from 'fast-check'
import { unifiedDiff } from '../../../launcher/cli/unified-diff.ts'

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

t.test('equal texts have no difference', async t => {
  t.equal(unifiedDiff('a', 'b', 'x\n', 'x\n'), '')
})

t.test('changes far apart are separate hunks with three lines of context', async t => {
  const before = [...numbers(1, 20), ''].join('\n')
  const after = before.replace('2\n', 'two\n').replace('19\n', '')
  t.equal(unifiedDiff('old', 'new', before, after), [
    '--- old', '+++ new',
    '@@ -1,5 +1,5 @@', ' 1', '-2', '+two', ' 3', ' 4', ' 5',
    '@@ -16,5 +16,4 @@', ' 16', ' 17', ' 18', '-19', ' 20', ''
  ].join('\n'))
})

t.test('a file that is new or loses its last line end is shown as diff shows it', async t => {
  t.equal(unifiedDiff('a', 'b', '', 'x\n'), '--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n')
  t.equal(unifiedDiff('a', 'b', 'x\n', 'x'), '--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n+x\n\\ No newline at end of file\n')
})

t.test('the difference contains both texts', async t => {
  const lines = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map(list => list.map(line => `${line}\n`).join(''))
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      fc.pre(before !== after)
      const body = unifiedDiff('a', 'b', before, after).split('\n').slice(2, -1)
      const apply = before.split('\n').slice(0, -1)
      let shift = 0
      for (let i = 0; i < body.length; i++) {
        const [, start, size] = /^@@ -(\d+),(\d+) /.exec(body[i]!)!.map(Number)
        const hunk: string[] = []
        while (i + 1 < body.length && !body[i + 1]!.startsWith('@@')) hunk.push(body[++i]!)
        const from = (size === 0 ? start! : start! - 1) + shift
        const removed = apply.splice(from, size!, ...hunk.filter(line => line[0] !== '-').map(line => line.slice(1)))
        if (
          removed.join('\n') !==
          hunk
            .filter(line => line[0] !== '+')
            .map(line => line.slice(1))
            .join('\n')
        ) { return false }
        shift += hunk.filter(line => line[0] === '+').length - hunk.filter(line => line[0] === '-').length
      }
      return apply.map(line => `${line}\n`).join('') === after
    })
  )
  t.pass('for every two texts')
})
