import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { inheritedDescriptors } from '../../../launcher/lib/inherited-descriptors.ts'
import { readProcessStat, hasExited } from '../../../launcher/lib/process-stat.ts'
import { drive } from '../../conformance/driver.ts'
import { localBackend } from '../../conformance/local-backend.ts'
import { until } from '../../fixtures/until.ts'
import { outputOf, scene } from './driven-plugin.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url))

function isGone (pid: number): boolean {
  const stat = readProcessStat(pid)
  return stat === undefined || hasExited(stat)
}

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
  // What this test was given by whoever runs it is not the launcher's own.
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
  const reasons: Array<[string, object]> = [
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

t.test("output that goes to a file of the job's choice is read from there", async t => {
  const { driver } = await scene(t)
  const folder = mkdtempSync(join(tmpdir(), 'out-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const job = await driver.submit({
    name: 'x',
    command: 'echo out; echo err >&2',
    stdoutFile: `${folder}/out`,
    stderrFile: `${folder}/err`
  })
  t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
  t.equal(readFileSync(`${folder}/out`, 'utf8'), 'out\n')
  t.equal(String(await driver.read(job)), 'out\n')
  t.equal(String(await driver.read(job, { stream: 'stderr' })), 'err\n')
})

t.test('20 MB are read whole by five readers at once', async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({
    name: 'x',
    command: 'i=0; while [ $i -lt 20 ]; do head -c 1000000 /dev/zero | tr "\\0" "$((i % 10))"; i=$((i+1)); done'
  })
  const sizes = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const data = await driver.read(job, { follow: true })
      for (let megabyte = 0; megabyte < 20; megabyte++) {
        const part = data.subarray(megabyte * 1_000_000, (megabyte + 1) * 1_000_000)
        if (!part.equals(Buffer.alloc(1_000_000, String(megabyte % 10)))) {
          throw new Error(`megabyte ${megabyte} differs`)
        }
      }
      return data.length
    })
  )
  t.same(sizes, Array(5).fill(20_000_000))
  await driver.untilEnded(job)
})

t.test('stop and kill reach a grandchild that has a session of its own', async t => {
  const { driver } = await scene(t)
  for (const operation of ['stop', 'kill'] as const) {
    const job = await driver.submit({ name: 'x', exe: '/bin/sh', args: [fixture('daemonise.sh')] })
    let text = ''
    const reading = new AbortController()
    for await (const { data } of await driver.plugin.output(job, {
      stream: 'stdout',
      from: { stdout: 0, stderr: 0 },
      follow: true,
      signal: reading.signal
    })) {
      text += Buffer.from(data).toString()
      if (/ready/.test(text) && /^\d+$/m.test(text)) reading.abort()
    }
    const grandchild = Number(/^\d+$/m.exec(text)![0])
    t.not(readProcessStat(grandchild)?.session, undefined)
    await driver.control(job, operation)
    await driver.untilEnded(job)
    await until(() => isGone(grandchild))
    t.pass(`${operation} ended it`)
  }
})

t.test('a fork bomb is killed to the last process', async t => {
  const { driver } = await scene(t)
  const job = await driver.submit({ name: 'x', exe: '/bin/sh', args: [fixture('fork-storm.sh')] })
  await driver.untilWritten(job, 'ready')
  while ((await driver.plugin.resources(job)).processes! < 30) await new Promise(resolve => setImmediate(resolve))
  await driver.control(job, 'kill')
  t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'KilledOnRequest' })
  const left = execFileSync(
    '/bin/sh',
    ['-c', `grep -lz "^JOB_LAUNCHER_JOB_ID=${job.id}" /proc/[0-9]*/environ 2>/dev/null || true`],
    { encoding: 'utf8' }
  )
  t.equal(
    left
      .split('\n')
      .filter(path => path !== '' && !isGone(Number(path.split('/')[2])))
      .join(),
    ''
  )
})

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
  t.same(await driver.look(job), first)
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
  t.match((await driver.look(job)), { state: 'ended', outcome: { status: 'Failed', reason: 'MachineRestarted' } })
})

t.test('a job whose files a power failure took back has ended and is not started again', async t => {
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
    t.match(await after.look(job), { state: 'ended', outcome: { reason: 'MachineRestarted' } }, job.submission.name)
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
  let seen = await driver.look(job)
  while (seen.state === 'pending' && seen.message === undefined) {
    await new Promise(resolve => setImmediate(resolve))
    seen = await driver.look(job)
  }
  t.match(seen, { state: 'pending', requeueAfterMs: Number, message: /tried again/ })
  t.equal((await driver.until(job, 'created')).state, 'created')
  rmSync(join(folderOf(job.id), 'state'))
  await driver.start(job)
  t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
})

t.test('a damaged record counts as no record', async t => {
  const { driver, folderOf } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'true' })
  await driver.untilEnded(job)
  appendFileSync(join(folderOf(job.id), 'job.json'), '}')
  t.equal(await driver.plugin.recover(job.id), undefined)
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
  t.same(await driver.look(job), first, 'also when the group is gone')
  await driver.forget(job)
  t.equal(execFileSync('find', ['/sys/fs/cgroup', '-name', job.id], { encoding: 'utf8' }), '')
})

t.test('profiles are read again on reload, and kept when the new ones are bad', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'p.conf')
  writeFileSync(file, '[*]\nmax-cpus=1\n')
  const config = { profilesFile: file, allowUnenforcedLimits: true }
  const { driver } = await scene(t, config)
  const submission = { name: 'x', exe: 'true', resourceLimits: [{ type: 'cpuCount' as const, value: 2 }] }
  await t.rejects(driver.admit(submission), {
    code: 'LimitExceeded',
    details: { file, line: 2 }
  })
  writeFileSync(file, '[*]\nmax-cpus=two\n')
  await t.rejects(driver.plugin.reload(config), { code: 'ConfInvalid' })
  await t.rejects(driver.admit(submission), { code: 'LimitExceeded' })
  writeFileSync(file, '[*]\nmax-cpus=3\n')
  await driver.plugin.reload(config)
  t.same(await driver.admit(submission), submission)
})
