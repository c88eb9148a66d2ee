import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import { findSupervisor } from '../../../plugins/local/own-supervisor.ts'
import { standInSupervisor } from '../../fixtures/stand-in-supervisor.ts'

const WAIT = 'while :; do sleep 0.05; done'
const started = (pid: number): { pid: number, startTicks: number } => ({
  pid, startTicks: readProcessStat(pid)!.startTicks
})

t.test('a supervisor is found by its job, pid and start time', async t => {
  const { pid } = await standInSupervisor(t, 'job-1', WAIT)
  t.match(findSupervisor('job-1', started(pid)), { pid })
  t.equal(findSupervisor('job-2', started(pid)), undefined, 'not as that of another job')
  t.equal(findSupervisor('job-1', { pid, startTicks: 1 }), undefined, 'not after its pid was given to another process')
})

t.test('no other process is mistaken for a supervisor', async t => {
  for (const pid of [1, process.pid]) t.equal(findSupervisor('job-1', started(pid)), undefined, `process ${pid}`)
  for (const pid of [0, -1, 1.5, NaN]) {
    t.equal(findSupervisor('job-1', { pid, startTicks: 0 }), undefined, `the number ${pid}`)
  }
  const folder = t.testdir({ 'supervise.sh': WAIT })
  const inOurSession = spawn('/bin/sh', [`${folder}/supervise.sh`, 'job-1'], { stdio: 'ignore' })
  t.teardown(() => inOurSession.kill('SIGKILL'))
  await once(inOurSession, 'spawn')
  t.equal(findSupervisor('job-1', started(inOurSession.pid!)), undefined, 'a process that leads no session')
})

t.test(
  "another user's process is not mistaken for a supervisor",
  { skip: process.getuid!() === 0 ? false : 'needs root' },
  async t => {
    const folder = t.testdir({ 'supervise.sh': WAIT })
    const child = spawn('/bin/sh', ['-c', WAIT, `${folder}/supervise.sh`, 'job-1'], {
      detached: true, stdio: 'ignore', uid: 65_534, gid: 65_534, argv0: '/bin/sh'
    })
    t.teardown(() => child.kill('SIGKILL'))
    await once(child, 'spawn')
    t.equal(findSupervisor('job-1', started(child.pid!)), undefined)
  }
)

t.test('a supervisor that has ended is not found', async t => {
  const { child, pid } = await standInSupervisor(t, 'job-1', WAIT)
  const known = started(pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.equal(findSupervisor('job-1', known), undefined)
})
