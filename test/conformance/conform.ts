// The suite that every plugin must pass. Nothing in it knows a cluster: programs are shell commands that the caller
// maps.

import type { Test } from 'tap'
import type { Job, JobSubmission, Outcome } from '../../launcher/plugin.ts'
import { drive, newId, type Backend, type Driver } from './driver.ts'

export interface Subject {
  readonly name: string
  create (): Promise<Backend>
  /** A submission that runs the command with /bin/sh, standard tools and the args as "$@". */
  program (command: string, more?: Partial<JobSubmission>): JobSubmission
  /** What the cluster cannot show, and why: name of the test to reason. */
  readonly skip: Readonly<Record<string, string>>
  /**
   * It may learn that a program which it stopped has ended, and not with which exit code; the verdict has none then.
   */
  readonly mayLoseExitCode: boolean
}

interface Scene {
  readonly driver: Driver
  readonly backend: Backend
  readonly program: Subject['program']
  /** The verdict of UNTIL_STOPPED after a stop. */
  readonly isStopped: (t: Test, outcome: Outcome) => void
  /** Another plugin instance after the first was closed, as after a restart of the launcher. */
  restart (): Promise<Driver>
}

type Show = (t: Test, scene: Scene) => Promise<void>

const LINES = 20_000
/**
 * Ends a moment after its last byte: the runtime of a node may lose what it has not taken from the pipe of a program
 * that ends.
 */
const WRITE_LINES = `i=0; while [ $i -lt ${LINES} ]; do echo "line $i"; i=$((i+1)); done; printf '\\377\\000end'; ` +
  'sleep 1'
const WHOLE = Buffer.concat([
  Buffer.from(Array.from({ length: LINES }, (_, i) => `line ${i}\n`).join('')),
  Buffer.from([0xff, 0x00]),
  Buffer.from('end')
])
const UNTIL_KILLED = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
const UNTIL_STOPPED = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done"

export async function conform (t: Test, subject: Subject): Promise<void> {
  for (const name of Object.keys(subject.skip)) {
    if (!(name in shows)) throw new Error(`${subject.name} skips "${name}", which is no test of the suite`)
  }
  for (const [name, show] of Object.entries(shows)) {
    const reason = subject.skip[name]
    if (reason !== undefined) {
      await t.test(`${subject.name}: ${name}`, { skip: reason }, () => {})
      continue
    }
    await t.test(`${subject.name}: ${name}`, async t => {
      const backend = await subject.create()
      let driver = await drive(backend)
      try {
        await show(t, {
          driver,
          backend,
          program: subject.program,
          isStopped (t, outcome) {
            t.match(outcome, { status: 'Finished', reason: 'Stopped' })
            if (outcome.exitCode !== undefined || !subject.mayLoseExitCode) t.equal(outcome.exitCode, 7)
          },
          async restart () {
            await driver.close()
            driver = await drive(backend)
            return driver
          }
        })
      } finally {
        await driver.close()
        await backend.end()
      }
    })
  }
}

const shows: Record<string, Show> = {
  async 'an explanation decides like an admission, and creates nothing' (t, { driver, backend, program }) {
    const subject = { user: backend.user, groups: [] }
    const good = program('exit 0', { exposedPorts: [{}], stdin: 'in', secrets: [{ name: 'TOKEN', value: 'hunter2' }] })
    const told = await driver.plugin.explain(good, subject)
    t.strictSame(told.refusals, [])
    t.strictSame(told.admitted, await driver.plugin.admit(good, subject))
    t.notMatch(JSON.stringify({ ...told, admitted: undefined }), /hunter2/)
    const bad = program('exit 0', { args: ['x'.repeat(200_000)] })
    const { admitted, refusals } = await driver.plugin.explain(bad, subject)
    t.equal(admitted, undefined)
    await t.rejects(driver.plugin.admit(bad, subject), { code: refusals[0]!.code, message: refusals[0]!.message })
    for await (const id of driver.plugin.list()) t.fail(id)
  },

  async 'a program ends with its exit code' (t, { driver, program }) {
    for (const code of [0, 3, 137]) {
      const job = await driver.submit(program(`exit ${code}`))
      const { outcome } = await driver.untilEnded(job)
      t.match(outcome, { status: 'Finished', reason: 'Exited', exitCode: code })
    }
  },

  async 'a signal without a request is reported as such' (t, { driver, program }) {
    const job = await driver.submit(program('kill -SEGV $$'))
    const { outcome } = await driver.untilEnded(job)
    t.match(outcome, { status: 'Finished', reason: 'Signaled', exitCode: 139 })
  },

  async 'changed is called when a job ends' (t, { driver, program }) {
    const job = await driver.submit(program('exit 0'))
    let changes = 0
    let seen
    do {
      changes = await driver.changesAfter(job.id, changes)
      seen = await driver.look(job)
    } while (seen.state !== 'ended')
    t.pass('and nobody had to look without being told')
  },

  async 'output is complete, byte for byte, from any offset' (t, { driver, program }) {
    const job = await driver.submit(program(WRITE_LINES))
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 })
    t.ok((await driver.read(job)).equals(WHOLE), 'from the start')
    for (const offset of [1, 65_535, 65_536, WHOLE.length - 1, WHOLE.length]) {
      t.ok(
        (await driver.read(job, { from: { stdout: offset, stderr: 0 } })).equals(WHOLE.subarray(offset)),
        `from ${offset}`
      )
    }
    const past = { from: { stdout: WHOLE.length + 1, stderr: 0 } }
    await t.rejects(driver.read(job, past), { code: 'OutputOffsetPastEnd', details: { size: WHOLE.length } })
  },

  async 'following returns every byte and ends with the job' (t, { driver, program }) {
    const job = await driver.submit(program(WRITE_LINES))
    const readers = [0, 5, 100].map(offset =>
      driver.read(job, { follow: true, from: { stdout: offset, stderr: 0 } }).then(
        data =>
          data.equals(WHOLE.subarray(offset)) ||
          `${data.length} of ${WHOLE.length - offset} bytes: ${JSON.stringify(data.toString('latin1', 0, 40))} …`,
        error => {
          if (offset > 0 && error.code === 'OutputOffsetPastEnd') return true
          throw error
        }
      )
    )
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.same(await Promise.all(readers), [true, true, true])
  },

  async 'following ends without an error when it is aborted' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    const reading = new AbortController()
    const output = await driver.plugin.output(job, {
      stream: 'stdout',
      from: { stdout: 0, stderr: 0 },
      follow: true,
      signal: reading.signal
    })
    let text = ''
    for await (const { data } of output) {
      text += Buffer.from(data).toString()
      reading.abort()
    }
    t.equal(text, 'ready\n')
    await end(driver, job)
  },

  async 'standard error is kept apart from standard output' (t, { driver, program }) {
    const job = await driver.submit(program('echo out; echo err >&2'))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), 'out\n')
    t.equal(String(await driver.read(job, { stream: 'stderr' })), 'err\n')
    t.same(String(await driver.read(job, { stream: 'both', follow: true })).split('\n').sort(), ['', 'err', 'out'])
  },

  async 'a program reads its standard input to the end' (t, { driver, program }) {
    const stdin = 'first\nlast without newline é'
    const job = await driver.submit(program('cat', { stdin }))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), stdin)
    const empty = await driver.submit(program('cat; echo "$?"'))
    await driver.untilEnded(empty)
    t.equal(String(await driver.read(empty)), '0\n')
  },

  async 'args arrive unchanged' (t, { driver, program }) {
    const args = ['', 'two words', "it's", '"$HOME" `id` $(id)', 'a\nb', '*', '\\', '-n', 'ü']
    const job = await driver.submit(program('printf "<%s>"', { args }))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), args.map(arg => `<${arg}>`).join(''))
  },

  async 'the environment is built from the job, not inherited' (t, { driver, program }) {
    process.env.CONFORMANCE_LEAK = 'leaked'
    t.teardown(() => {
      delete process.env.CONFORMANCE_LEAK
    })
    const job = await driver.submit(
      program('printf "<%s>" "$PLAIN" "$ODD" "$JOB_LAUNCHER_JOB_ID" "$CONFORMANCE_LEAK"; command -v cat > /dev/null', {
        environment: [
          { name: 'PLAIN', value: '1' },
          { name: 'ODD', value: " '$x`\n " }
        ]
      })
    )
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.equal(String(await driver.read(job)), `<1>< '$x\`\n ><${job.id}><>`)
  },

  async 'secrets reach the program and no record' (t, { driver, program }) {
    const job = await driver.submit(
      program('printf %s "$TOKEN"', { secrets: [{ name: 'TOKEN', value: 'hunter2-hunter2' }] })
    )
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), 'hunter2-hunter2')
    t.notMatch(JSON.stringify(await driver.plugin.recover(job.id)), /hunter2/)
  },

  async 'stop lets a program end within its grace' (t, { driver, program, isStopped }) {
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    isStopped(t, (await driver.untilEnded(job)).outcome)
    t.equal(String(await driver.read(job)), 'ready\nbye\n')
  },

  async 'stop kills a program when its grace has passed' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 1 }))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    t.match(await driver.look(job), { state: 'running' })
    t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 })
  },

  async 'kill ends a program at once' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'kill')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', reason: 'KilledOnRequest', exitCode: 137 })
  },

  async 'cancel leaves a running program alone' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    await driver.untilWritten(job, 'ready')
    await driver.plugin.control(job, 'cancel')
    t.match(await driver.look(job), { state: 'running' })
    await end(driver, job)
  },

  async 'a suspended program stands still until it is resumed' (t, { driver, program, isStopped }) {
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'suspend')
    t.match(await driver.look(job), { state: 'suspended' })
    await driver.control(job, 'resume')
    t.match(await driver.until(job, 'running'), { state: 'running' })
    await driver.control(job, 'stop')
    isStopped(t, (await driver.untilEnded(job)).outcome)
  },

  async 'a suspended program can be stopped and killed' (t, { driver, program, isStopped }) {
    for (const operation of ['stop', 'kill'] as const) {
      const job = await driver.submit(program(UNTIL_STOPPED))
      await driver.untilWritten(job, 'ready')
      await driver.control(job, 'suspend')
      await driver.control(job, operation)
      const { outcome } = await driver.untilEnded(job)
      if (operation === 'stop') isStopped(t, outcome)
      else t.match(outcome, { reason: 'KilledOnRequest' })
    }
  },

  async 'start runs a program once, however often it is called' (t, { driver, program, restart }) {
    const job = await driver.submit(program('echo run'))
    await Promise.all([driver.start(job), driver.start(job)])
    const next = await restart()
    await next.start(job)
    const { outcome } = await next.untilEnded(job)
    await next.start(job)
    t.same((await next.untilEnded(job)).outcome, outcome)
    t.equal(String(await next.read(job)), 'run\n')
  },

  async 'a start that crashed before it claimed the right to run is repeated' (t, { backend, driver, program }) {
    const job = await driver.prepare(program('echo run'))
    t.equal((await driver.look(job)).state, 'absent')
    await backend.halfStart!(job)
    t.equal((await driver.look(job)).state, 'unclaimed')
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.equal(String(await driver.read(job)), 'run\n')
  },

  async 'a canceled job never runs' (t, { backend, driver, program }) {
    const job = await driver.prepare(program('echo run'))
    await driver.control(job, 'cancel')
    await backend.halfStart!(job)
    await driver.control(job, 'cancel')
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled', reason: 'CanceledOnRequest' })
    await driver.start(job)
    t.match(await driver.look(job), { state: 'ended', outcome: { status: 'Canceled' } })
    t.equal(String(await driver.read(job, { follow: true })), '')
  },

  async 'the next instance adopts running and ended jobs' (t, { driver, program, restart, isStopped }) {
    const short = await driver.submit(program('exit 4'))
    const ended = await driver.untilEnded(short)
    const long = await driver.submit(program(UNTIL_STOPPED))
    const fading = await driver.submit(program('echo hold; sleep 1; exit 5'))
    await driver.untilWritten(long, 'ready')
    await driver.untilWritten(fading, 'hold')
    const next = await restart()
    t.same(await next.look(short), ended)
    t.match(await next.look(long), { state: 'running' })
    const followed = next.read(long, { follow: true })
    t.match((await next.untilEnded(fading)).outcome, { reason: 'Exited', exitCode: 5 })
    await next.control(long, 'stop')
    isStopped(t, (await next.untilEnded(long)).outcome)
    t.equal(String(await followed), 'ready\nbye\n')
  },

  async 'an outcome never changes, however often the job is observed' (t, { driver, program, restart }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'kill')
    const first = await driver.untilEnded(job)
    t.same(await driver.look(job), first)
    // When it started is the core's to keep: what showed it may be gone.
    t.match(await (await restart()).look(job), { state: 'ended', outcome: first.outcome })
  },

  async 'list and recover return every job' (t, { driver, program }) {
    const jobs = []
    for (const code of [0, 1]) {
      jobs.push(await driver.submit(program(`exit ${code}`, { name: `job ${code}`, tags: ['a'] })))
    }
    for (const job of jobs) await driver.untilEnded(job)
    t.same((await list(driver)).sort(), jobs.map(({ id }) => id).sort())
    for (const { id, user, submission, submissionTime } of jobs) {
      t.match(await driver.plugin.recover(id), {
        id,
        user,
        submissionTime,
        submission: { name: submission.name, tags: ['a'] }
      })
    }
    t.equal(await driver.plugin.recover(newId()), undefined)
  },

  async 'a requested operation is recovered with its job' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    await driver.untilEnded(job)
    t.same((await driver.plugin.recover(job.id))?.intent, job.intent)
  },

  async 'a program finds its ports where network reports them' (t, { driver, program }) {
    const job = await driver.submit(
      program(`echo "$JOB_PORT $JOB_PORT_0 $JOB_PORT_1"; ${UNTIL_KILLED}`, { exposedPorts: [{}, { targetPort: 8642 }] })
    )
    await driver.untilWritten(job, 'ready')
    await driver.until(job, 'running')
    const { host, ports } = await driver.plugin.network(job)
    t.equal(ports.length, 2)
    const [first, second] = ports.map(({ targetPort }) => targetPort)
    t.equal(second, 8642)
    t.ok(host.length > 0)
    t.match(String(await driver.read(job)), new RegExp(`^${first} ${first} 8642\n`))
    await end(driver, job)
    await t.rejects(driver.plugin.network(job), { code: 'JobNotRunning' })
  },

  async 'resources are measured while a job runs' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    await driver.untilWritten(job, 'ready')
    await driver.until(job, 'running')
    const first = await driver.plugin.resources(job)
    t.ok(first.residentBytes > 0)
    const second = await driver.plugin.resources(job)
    t.ok((second.cpuSeconds ?? 0) >= (first.cpuSeconds ?? 0))
    await end(driver, job)
    await t.rejects(driver.plugin.resources(job), { code: 'JobNotRunning' })
  },

  async 'destroy leaves nothing and may be repeated' (t, { driver, program }) {
    const job = await driver.submit(program('echo x'))
    await driver.untilEnded(job)
    await driver.forget(job)
    await driver.forget(job)
    t.same(await list(driver), [])
    t.equal((await driver.look(job)).state, 'absent')
    t.equal(await driver.plugin.recover(job.id), undefined)
    await driver.forget(await driver.prepare(program('exit 0')))
  },

  async 'a healthy cluster reports ready' (t, { driver }) {
    t.equal((await driver.plugin.health()).ready, true)
  }
}

async function end (driver: Driver, job: Job): Promise<void> {
  await driver.control(job, 'kill')
  await driver.untilEnded(job)
}

async function list ({ plugin }: Driver): Promise<string[]> {
  const ids = []
  for await (const id of plugin.list()) ids.push(id)
  return ids
}
