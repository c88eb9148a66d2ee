import pino from 'pino'
import t from 'tap'
import { createStrangerLog } from '../../../../plugins/kubernetes/cache/stranger-log.ts'

function recordingLog (kind: 'Job' | 'Pod') {
  const lines: Array<Record<string, unknown>> = []
  const log = pino({ level: 'warn' }, { write: line => lines.push(JSON.parse(line)) })
  return { lines, ignored: createStrangerLog({ kind, namespace: 'n', log }) }
}

t.test('an object is logged once, with its kind, namespace, name and the job of its label', async t => {
  const { lines, ignored } = recordingLog('Pod')
  const copy = { metadata: { uid: 'u', name: 'copy', labels: { 'job-launcher/job': 'a' } } }
  ignored(copy)
  ignored(copy)
  t.match(lines, [{ kind: 'Pod', namespace: 'n', pod: 'copy', job: 'a', msg: 'object of no job ignored' }])
  t.equal(lines.length, 1)
})

t.test('the oldest objects are forgotten, so the memory is bounded', async t => {
  const { lines, ignored } = recordingLog('Job')
  const all = Array.from({ length: 1001 }, (_, index) => ({ metadata: { uid: String(index), name: `copy-${index}` } }))
  for (const object of all) ignored(object)
  ignored(all[1]!)
  ignored(all[0]!)
  t.equal(lines.length, 1002, 'only the first was forgotten')
  t.match(lines.at(-1), { object: 'copy-0' })
})
