import { chmodSync, closeSync, copyFileSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inheritedDescriptors } from '../../../launcher/lib/inherited-descriptors.ts'
import { drive } from '../../conformance/driver.ts'
import { isGone } from '../../fixtures/is-gone.ts'
import { outputOf, scene } from './driven-plugin.ts'

t.test("the job's folder is closed to others", async t => {
  const { driver, folderOf, scratchPath } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'true', stdin: 'x' })
  await driver.untilEnded(job)
  for (const folder of [join(scratchPath, 'jobs'), folderOf(job.id)]) t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const file of ['job.json', 'launch', 'state', 'stdin', 'stdout', 'stderr']) {
    t.equal(statSync(join(folderOf(job.id), file)).mode & 0o777, 0o600, file)
  }
})

t.test("a job sees neither the launcher's environment nor its descriptors", async t => {
  const { driver } = await scene(t)
  // tap passes these on to all that a test starts
  const names = (await outputOf(driver, 'tr "\\0" "\\n" < /proc/self/environ'))
    .split('\n')
    .map(line => line.split('=')[0])
    .filter(name => /^\w+$/.test(name!) && !/^(_TAPJS_|NODE_OPTIONS$)/.test(name!))
  t.same(names.filter(name => !['PWD', 'SHLVL', '_'].includes(name!)).sort(), [
    'HOME',
    'JOB_LAUNCHER_JOB_ID',
    'LANG',
    'LOGNAME',
    'PATH',
    'SHELL',
    'USER'
  ])
  // The test inherits these from its own parent.
  const inherited = inheritedDescriptors().map(String)
  const open = (await outputOf(driver, 'ls -1 /proc/self/fd')).trim().split('\n')
  t.same(open.filter(descriptor => !inherited.includes(descriptor)), ['0', '1', '2', '3'], 'ls itself has the fourth')
})

t.test("nothing of a job's environment reaches its supervisor", async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({
    name: 'x',
    command: 'echo "$LD_LIBRARY_PATH"; sleep 300',
    environment: [{ name: 'LD_LIBRARY_PATH', value: '/nowhere' }]
  })
  await driver.untilWritten(job, '/nowhere')
  const seen = await driver.until(job, 'running')
  if (seen.state !== 'running') throw new Error(seen.state)
  t.notMatch(readFileSync(`/proc/${seen.pid}/environ`, 'latin1'), 'LD_LIBRARY_PATH')
  await driver.control(job, 'kill')
  await driver.untilEnded(job)
})

t.test('a program that cannot be run fails with its reason, as its user sees it', async t => {
  const { driver } = await scene(t)
  const folder = t.testdir({ crlf: '#!/bin/sh\r\necho hi\r\n' })
  chmodSync(join(folder, 'crlf'), 0o755)
  const reasons: Array<[string, object]> = [
    ['InterpreterNotFound', { exe: join(folder, 'crlf') }],
    ['ExecutableNotFound', { exe: '/no/such/program' }],
    ['ExecutableNotFound', { exe: 'no-such-program' }],
    ['WorkingDirectoryNotFound', { exe: 'true', workingDirectory: '/no/such/folder' }],
    ['OutputFileNotWritable', { exe: 'true', stdoutFile: '/no/such/folder/out' }]
  ]
  for (const [reason, program] of reasons) {
    const { outcome } = await driver.untilEnded(await driver.submit({ name: 'x', ...program }))
    t.match(outcome, { status: 'Failed', reason })
    t.notOk('exitCode' in outcome)
  }
})

t.test('a program that a process still writes is executed later, with its arguments', async t => {
  const { driver } = await scene(t)
  const program = join(t.testdir(), 'echo')
  copyFileSync('/bin/echo', program)
  const writer = openSync(program, 'r+')
  const job = await driver.submit({ name: 'x', exe: program, args: ['a b', '$(id)', "it's"] })
  for (;;) if (/busy/.test(String(await driver.read(job, { stream: 'stderr' })))) break
  closeSync(writer)
  t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', reason: 'Exited', exitCode: 0 })
  t.equal(String(await driver.read(job)), "a b $(id) it's\n")
})

t.test('a stop of a program that a process still writes ends it before it started', async t => {
  const { driver } = await scene(t)
  const program = join(t.testdir(), 'echo')
  copyFileSync('/bin/echo', program)
  const writer = openSync(program, 'r+')
  const job = await driver.submit({ name: 'x', exe: program })
  for (;;) if (/busy/.test(String(await driver.read(job, { stream: 'stderr' })))) break
  await driver.control(job, 'stop')
  const { outcome } = await driver.untilEnded(job)
  closeSync(writer)
  t.match(outcome, { reason: 'Stopped', message: /before its program started/ })
  t.notOk('exitCode' in outcome)
})

t.test('a spawned job whose folder was removed is not started again, and none of its processes is left', async t => {
  const { driver, folderOf } = await scene(t)
  for (const observed of ['never', 'once'] as const) {
    const job = await driver.submit({ name: 'x', command: 'setsid sleep 300 & echo $!; sleep 300' })
    if (observed === 'once') await driver.until(job, 'running')
    await driver.untilWritten(job, '\n')
    const descendant = Number(String(await driver.read(job)))
    rmSync(folderOf(job.id), { recursive: true })
    await driver.start(job)
    t.notOk(existsSync(join(folderOf(job.id), 'launch')), `observed ${observed}`)
    const seen = await driver.until(job, 'running')
    t.match(seen, { state: 'running', pid: Number }, `observed ${observed}`)
    job.pid = (seen as { pid: number }).pid
    process.kill(-job.pid, 'SIGKILL')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Failed', reason: 'Lost' })
    t.ok(isGone(descendant), `observed ${observed}`)
  }
})

t.test('what a lost job left is ended, although its supervisor is not known', async t => {
  const { driver, folderOf, ...backend } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'setsid sleep 300 & echo $!; sleep 300' })
  await driver.untilWritten(job, '\n')
  const descendant = Number(String(await driver.read(job)))
  rmSync(folderOf(job.id), { recursive: true })
  await driver.plugin.close()
  const next = await drive(backend)
  t.teardown(() => next.close())
  t.match(await next.observe(job), { state: 'ended', outcome: { status: 'Failed', reason: 'Lost' } })
  t.ok(isGone(descendant))
})
