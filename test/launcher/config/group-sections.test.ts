import t from 'tap'
import { groupSections } from '../../../launcher/config/group-sections.ts'
import { problemText, type Problem } from '../../../launcher/lib/problem.ts'
import { scanIni } from '../../../launcher/lib/read-ini.ts'

t.test('known sections are grouped by name, and others are refused', async t => {
  const problems: Problem[] = []
  const { sections } = scanIni('[one]\n[many]\n[many]\n[one]\n[man]\n[quite different]', { file: '/x' })
  const grouped = groupSections('/x', sections, { once: ['one'], repeated: ['many'] }, problems)
  t.strictSame(
    Array.from(grouped, ([name, list]) => [name, list.map(section => section.line)]),
    [
      ['one', [1]],
      ['many', [2, 3]]
    ]
  )
  t.strictSame(problems.map(problemText), [
    '/x line 4: [one] is already defined in line 1',
    '/x line 5: [man] is not a known section; did you mean [many]?',
    '/x line 6: [quite different] is not a known section'
  ])
})
