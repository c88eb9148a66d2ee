import t from 'tap'
import { checkOutputQuery, OutputQuery } from '../../../launcher/http/output-query.ts'
import { checker } from '../../../launcher/lib/check.ts'

t.test('parameters of a request for output that do not go together are refused, each by its name', t => {
  const cases: Array<[Parameters<typeof checkOutputQuery>[0], boolean, string, RegExp]> = [
    [{ from: '0', tail: 1 }, false, 'tail', /tail \(query\) and from/],
    [{ wait: 'output', follow: true }, false, 'wait', /follow=true/],
    [{ wait: 'output' }, true, 'wait', /is for bytes/],
    [{ timeoutSeconds: 1 }, false, 'timeoutSeconds', /add wait=output/]
  ]
  for (const [query, asEvents, field, message] of cases) {
    t.throws(() => checkOutputQuery(query, asEvents), { code: 'InvalidRequest', message, details: { field } }, field)
  }
  for (const query of [{}, { wait: 'output', timeoutSeconds: 0, from: '3,4' }, { wait: 'output', tail: 3 }] as const) {
    t.doesNotThrow(() => checkOutputQuery(query, false))
  }
  t.end()
})

t.test('an offset that is too large is refused with the number of digits that it may have', t => {
  const check = checker(OutputQuery)
  t.strictSame(check({ from: '9'.repeat(15) }).problems, [])
  for (const from of ['9007199254740993', '0,9007199254740993']) {
    t.match(check({ from }).problems, [{ field: 'from', problem: /a byte offset of at most 15 digits, or two/ }], from)
  }
  t.end()
})
