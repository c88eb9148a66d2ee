import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { killedBeforeStart, stoppedBeforeStart } from '../../../launcher/plugin-kit/outcomes.ts'
import { drive } from '../../conformance/driver.ts'
import { localBackend } from '../../conformance/local-backend.ts'
import { until } from '../../fixtures/until.ts'
import { isGone } from '../../fixtures/is-gone.ts'
import { outputOf, scene } from './driven-plugin.ts'

t.test('a killed supervisor takes its program along, and the exit code is reported as unknown', async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'echo $$; sleep 300' })
  await driver.untilWritten(job, '\n')
  const seen = await driver.until(job, 'running')
  if (seen.state !== 'running') throw new Error(seen.state)
  process.kill(seen.pid!, 'SIGKILL')
  const first = await driver.untilEnded(job)
  t.match(first.outcome, { status: 'Failed', reason: 'SupervisorLost' })
  t.ok(isGone(Number(String(await driver.read(job)))))
  t.same(await driver.observe(job), first)
})

t.test("signals to the job's group do not end its supervisor", async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({
    name: 'x',
    command:
      "trap '' TERM HUP INT QUIT USR1 USR2 ALRM PIPE; for s in TERM HUP INT QUIT USR1 USR2 ALRM PIPE; do kill -$s " +
      '0; done; exit 6'
  })
  t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 6 })
})

t.test('processes that a program leaves in its group end with it', async t => {
  const { driver } = await scene(t)
  const pid = Number(await outputOf(driver, 'sleep 300 > /dev/null 2>&1 & echo $!'))
  await until(() => isGone(pid))
  t.pass('it has gone')
})

t.test('a job of an earlier boot has ended', async t => {
  const { driver, folderOf } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'true' })
  await driver.untilEnded(job)
  const [started] = readFileSync(join(folderOf(job.id), 'state'), 'utf8').split('\n')
  writeFileSync(join(folderOf(job.id), 'state'), `${started!.replace(/^started \S+/, 'started other-boot')}\n`)
  t.match((await driver.observe(job)), { state: 'ended', outcome: { status: 'Failed', reason: 'MachineRestarted' } })
})

t.test('a job whose files a power failure undid has ended and is not started again', async t => {
  const backend = await localBackend()
  t.teardown(() => backend.end())
  const ran = join(backend.scratchPath, 'ran')
  const before = await drive(backend)
  const names = ['nothing', 'an empty state', 'no folder'] as const
  const jobs = await Promise.all(names.map(name => before.submit({ name, command: `echo x >> ${ran}` })))
  for (const job of jobs) await before.untilEnded(job)
  await before.close()
  const log = join(backend.scratchPath, 'spawned')
  writeFileSync(log, readFileSync(log, 'utf8').replaceAll(/ \S+$/gm, ' other-boot'))
  const [nothing, empty, folder] = jobs.map(({ id }) => join(backend.scratchPath, 'jobs', id))
  rmSync(join(nothing!, 'state'))
  writeFileSync(join(empty!, 'state'), '')
  rmSync(folder!, { recursive: true })
  const after = await drive(backend)
  t.teardown(() => after.close())
  for (const job of jobs) {
    await after.start(job)
    t.match(await after.observe(job), { state: 'ended', outcome: { reason: 'MachineRestarted' } }, job.submission.name)
  }
  t.equal(readFileSync(ran, 'utf8'), 'x\nx\nx\n', 'each program ran once')
})

t.test('a supervisor that cannot claim its job is respawned, but not at once', async t => {
  const { driver, folderOf, halfStart } = await scene(t)
  const job = await driver.prepare({ name: 'x', command: 'true' })
  await halfStart!(job)
  symlinkSync('/no/such/folder/state', join(folderOf(job.id), 'state'))
  await driver.start(job)
  t.match(await driver.until(job, 'created', 'pending'), { state: 'pending' })
  let seen = await driver.observe(job)
  while (seen.state === 'pending' && seen.message === undefined) {
    await new Promise(resolve => setImmediate(resolve))
    seen = await driver.observe(job)
  }
  t.match(seen, { state: 'pending', requeueAfterMs: Number, message: /start it again/ })
  t.equal((await driver.until(job, 'created')).state, 'created')
  rmSync(join(folderOf(job.id), 'state'))
  await driver.start(job)
  t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
})

t.test('CPU time beyond the limit ends the program', async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({
    name: 'x',
    command: 'while :; do :; done',
    resourceLimits: [{ type: 'cpuTime', value: 1 }]
  })
  t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'CpuTimeExceeded', exitCode: 152 })
})

t.test('memory beyond the limit ends the program', async t => {
  const { driver } = await scene(t)
  if (!driver.plugin.capabilities.limits.find(({ type }) => type === 'memory')!.enforced) {
    await t.rejects(driver.prepare({ name: 'x', command: 'true', resourceLimits: [{ type: 'memory', value: 50 }] }), {
      code: 'LimitNotEnforceable'
    })
    return
  }
  const job = await driver.submit({
    name: 'x',
    exe: 'tail',
    args: ['/dev/zero'],
    resourceLimits: [
      { type: 'memory', value: 50 },
      { type: 'cpuCount', value: 1 }
    ]
  })
  const first = await driver.untilEnded(job)
  t.match(first.outcome, { status: 'Killed', reason: 'OutOfMemory', exitCode: 137, message: /50 MB/ })
  t.same(await driver.observe(job), first, 'also when the group is gone')
  await driver.forget(job)
  // Groups of other programs may vanish while find looks, which is then an error of find.
  const { stdout } = spawnSync('find', ['/sys/fs/cgroup', '-name', job.id], { encoding: 'utf8' })
  t.equal(stdout, '')
})

t.test('a job whose output file is a pipe without a reader has not started, and its end has no exit code', async t => {
  const { driver } = await scene(t)
  const pipe = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const submission = { name: 'x', command: 'echo out; exit 4', stdoutFile: pipe }
  const [killed, stopped, opened] = await Promise.all([1, 2, 3].map(() => driver.submit(submission)))
  const message = /^The program has not started yet: the job waits for .*the output file .*\/pipe\.$/
  for (const job of [killed!, stopped!, opened!]) {
    t.match(await driver.untilSeen(job, seen => 'message' in seen), { state: 'running', message })
  }
  await driver.control(killed!, 'kill')
  t.strictSame((await driver.untilEnded(killed!)).outcome, killedBeforeStart())
  await driver.control(stopped!, 'stop')
  t.strictSame((await driver.untilEnded(stopped!)).outcome, stoppedBeforeStart())
  t.equal(execFileSync('timeout', ['20', 'cat', pipe], { encoding: 'utf8' }), 'out\n')
  t.match((await driver.untilEnded(opened!)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 4 })
})

t.test('a late program has no message once it has started', async t => {
  const { driver } = await scene(t)
  const pipe = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const job = await driver.submit({ name: 'x', command: 'exec 2>&-; sleep 300', stderrFile: pipe })
  t.match(await driver.untilSeen(job, seen => 'message' in seen), { message: /the output file .*\/pipe\.$/ })
  execFileSync('timeout', ['20', 'cat', pipe])
  t.match(await driver.untilSeen(job, seen => !('message' in seen)), { state: 'running' })
  await driver.control(job, 'kill')
  t.match((await driver.untilEnded(job)).outcome, { reason: 'KilledOnRequest', exitCode: 137 })
})

t.test('a job whose report was removed has no exit code', async t => {
  const { driver, folderOf } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'echo ready; sleep 300' })
  await driver.untilWritten(job, 'ready')
  rmSync(join(folderOf(job.id), 'report'))
  await driver.control(job, 'stop')
  t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'Lost', exitCode: undefined })
})
