import t from 'tap'
import { checker } from '../../../launcher/lib/check.ts'
import { JobBody } from '../../../launcher/model/job-body.ts'

t.test('a body is a submission, with a count of 2 to 1,000 if it is an array', async t => {
  const problems = (changes: object): string[] =>
    checker(JobBody)({ name: 'n', exe: 'e', ...changes }).problems.map(({ field }) => field)
  for (const changes of [{}, { count: 2 }, { count: 1000 }]) t.strictSame(problems(changes), [])
  for (const count of [0, 1, 1001, 2.5, '2', null]) t.strictSame(problems({ count }), ['count'], JSON.stringify(count))
  t.strictSame(problems({ counts: 2 }), ['counts'])
})
