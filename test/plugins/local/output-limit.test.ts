import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readControlNote } from '../../../plugins/local/control-note.ts'
import { scene } from './driven-plugin.ts'

const outputLimit = { value: 0.2, key: 'output-limit', file: '/c', line: 1 }
const MARK = '[job-launcher] The job exceeded its output limit of 0.2 MB and was killed.'
/** A megabyte a second. */
const WRITES = 'while :; do head -c 10000 /dev/zero; sleep 0.01; done'

t.test('a job over its limit is killed with all that it started, and its output is marked once', async t => {
  const { driver, folderOf } = await scene(t, { outputLimit })
  const job = await driver.submit({ name: 'x', command: `setsid sh -c '${WRITES}' & ${WRITES}` })
  const { outcome } = await driver.untilEnded(job)
  t.match(outcome, { status: 'Killed', reason: 'OutputLimitExceeded', exitCode: 137 })
  const kept = readFileSync(join(folderOf(job.id), 'stdout'), 'latin1')
  t.equal(kept.split(MARK).length, 2)
  t.ok(kept.endsWith(`${MARK}\n`), 'no process wrote after it')
  t.equal(readControlNote(folderOf(job.id)).overOutputLimit, true)
  t.equal(String(await driver.read(job)), kept)
})

t.test('the longer of the two streams has the mark', async t => {
  const { driver, folderOf } = await scene(t, { outputLimit })
  const job = await driver.submit({ name: 'x', command: `echo short; exec >&2; ${WRITES}` })
  await driver.untilEnded(job)
  t.ok(readFileSync(join(folderOf(job.id), 'stderr'), 'latin1').includes(MARK))
  t.equal(readFileSync(join(folderOf(job.id), 'stdout'), 'latin1'), 'short\n')
})

t.test('a job below its limit, and one without a limit, are let alone', async t => {
  for (const config of [{ outputLimit }, {}]) {
    const { driver, folderOf } = await scene(t, config)
    const bytes = 'outputLimit' in config ? 150_000 : 900_000
    const job = await driver.submit({ name: 'x', command: `head -c ${bytes} /dev/zero; sleep 0.5; exit 4` })
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', exitCode: 4 })
    t.strictSame(readControlNote(folderOf(job.id)), {})
  }
})
