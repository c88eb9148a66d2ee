import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readSupervisor } from '../../../plugins/local/read-supervisor.ts'

const folder = mkdtempSync(join(tmpdir(), 'sight-'))
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
  const child = spawn('/bin/sleep', ['300'])
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1').trim()
  write(`started b007 5 ${stat}\n`)
  t.match(readSupervisor(folder, 'b007'), {
    supervisor: 'running',
    sameBoot: true,
    writtenAt: 1_000_000,
    state: { started: { pid: child.pid, startTime: 5 } }
  })
  t.match(readSupervisor(folder, 'other'), { supervisor: 'gone', sameBoot: false })
  process.kill(child.pid!, 'SIGSTOP')
  while (readSupervisor(folder, 'b007')!.supervisor !== 'suspended') await new Promise(resolve => setImmediate(resolve))
  const fields = stat.split(' ')
  fields[21] = String(Number(fields[21]) + 1)
  write(`started b007 5 ${fields.join(' ')}\n`)
  t.match(readSupervisor(folder, 'b007'), { supervisor: 'gone', sameBoot: true })
})

t.test('a state that is not readable yet is a reading without a state', t => {
  write('')
  t.match(readSupervisor(folder, 'b007'), { state: undefined, supervisor: 'gone', writtenAt: 1_000_000 })
  t.end()
})

t.test('a supervisor that writes its first line between two reads is never taken for one that has gone', async t => {
  // A child does the writing, so that it can come at any point of a look.
  const writer = spawn(
    '/bin/sh',
    ['-c', 'read -r stat < /proc/$$/stat; while :; do : > state; echo "started b007 5 $stat" > state; done'],
    { cwd: folder }
  )
  t.teardown(() => writer.kill('SIGKILL'))
  write('')
  await once(writer, 'spawn')
  const seen = { unread: 0, running: 0 }
  while (seen.unread < 50 || seen.running < 50) {
    const reading = readSupervisor(folder, 'b007')!
    if (reading.state !== undefined && reading.supervisor === 'gone') return t.fail('it was')
    seen[reading.state === undefined ? 'unread' : 'running']++
  }
  t.pass('it was not')
})
