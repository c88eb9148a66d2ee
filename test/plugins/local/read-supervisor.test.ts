import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import t from 'tap'
import { standInSupervisor } from '../../fixtures/stand-in-supervisor.ts'
import { readSupervisor } from '../../../plugins/local/read-supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'reading-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function write (text: string): void {
  writeFileSync(join(folder, 'state'), text)
  utimesSync(join(folder, 'state'), 1000, 1000)
}

t.test('a job that no supervisor has claimed has no reading', t => {
  t.equal(readSupervisor(folder, 'b007'), undefined)
  t.end()
})

t.test('a supervisor is alive as long as pid, start time and boot are those it wrote', async t => {
  const { pid, stat } = await standInSupervisor(t, basename(folder), 'while :; do sleep 0.05; done')
  write(`started b007 5 ${stat}\n`)
  t.match(readSupervisor(folder, 'b007'), {
    supervisor: 'running',
    boot: 'same',
    writtenAt: 1_000_000,
    state: { started: { pid, startTime: 5 } }
  })
  t.match(readSupervisor(folder, 'other'), { supervisor: 'gone', boot: 'other' })
  process.kill(pid, 'SIGSTOP')
  while (readSupervisor(folder, 'b007')!.supervisor !== 'suspended') await new Promise(resolve => setImmediate(resolve))
  const fields = stat.split(' ')
  fields[21] = String(Number(fields[21]) + 1)
  write(`started b007 5 ${fields.join(' ')}\n`)
  t.match(readSupervisor(folder, 'b007'), { supervisor: 'gone', boot: 'same' })
})

t.test('a state that is not readable yet is a reading without a state', t => {
  write('')
  t.match(readSupervisor(folder, 'b007'), { state: undefined, supervisor: 'gone', writtenAt: 1_000_000 })
  t.end()
})

t.test('a supervisor that writes its first line between two reads is never taken for one that has gone', async t => {
  // A child writes, so that a write can come at any point of a reading.
  write('')
  await standInSupervisor(
    t,
    basename(folder),
    'read -r stat < /proc/$$/stat; while :; do : > state; echo "started b007 5 $stat" > state; done',
    { cwd: folder }
  )
  const seen = { unread: 0, running: 0 }
  while (seen.unread < 50 || seen.running < 50) {
    const reading = readSupervisor(folder, 'b007')!
    if (reading.state !== undefined && reading.supervisor === 'gone') return t.fail('it was')
    seen[reading.state === undefined ? 'unread' : 'running']++
  }
  t.pass('it was not')
})

t.test('a process that is no supervisor of the job counts as gone, whatever its state says', async t => {
  const other = await standInSupervisor(t, 'another-job', 'while :; do sleep 0.05; done')
  write(`started b007 5 ${other.stat}\n`)
  t.match(readSupervisor(folder, 'b007'), { supervisor: 'gone', boot: 'same' }, 'the supervisor of another job')
  for (const pid of ['1', String(process.pid)]) {
    write(`started b007 5 ${readFileSync(`/proc/${pid}/stat`, 'latin1').trim()}\n`)
    t.match(readSupervisor(folder, 'b007'), { supervisor: 'gone', boot: 'same' }, `process ${pid}`)
  }
})
