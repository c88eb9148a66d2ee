// What is kept when a launcher ends and the next one starts.

import { UNTIL_KILLED, UNTIL_STOPPED } from '../../fixtures/shell-programs.ts'
import { newId } from '../driver.ts'
import { list, type Cases } from '../scene.ts'

export const restarts: Cases = {
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
    t.equal((await driver.observe(job)).state, 'absent')
    await backend.halfStart!(job)
    t.equal((await driver.observe(job)).state, 'created')
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.equal(String(await driver.read(job)), 'run\n')
  },

  async 'the next instance adopts running and ended jobs' (t, { driver, program, restart, isStopped }) {
    const short = await driver.submit(program('exit 4'))
    const ended = await driver.untilEnded(short)
    const long = await driver.submit(program(UNTIL_STOPPED))
    const fading = await driver.submit(program('echo hold; sleep 1; exit 5'))
    await driver.untilWritten(long, 'ready')
    await driver.untilWritten(fading, 'hold')
    const next = await restart()
    t.same(await next.observe(short), ended)
    t.match(await next.until(long, 'running'), { state: 'running' })
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
    t.same(await driver.observe(job), first)
    // The core keeps the start time: what showed it may be gone.
    t.match(await (await restart()).observe(job), { state: 'ended', outcome: first.outcome })
  },

  async 'list and recover return every job' (t, { driver, program }) {
    const jobs = []
    for (const code of [0, 1]) {
      jobs.push(await driver.submit(program(`exit ${code}`, { name: `job ${code}`, tags: ['a'] })))
    }
    for (const job of jobs) await driver.untilEnded(job)
    t.same((await list(driver)).sort(), jobs.map(({ id }) => id).sort())
    for (const { id, user, submission, submissionTime, idempotency } of jobs) {
      t.match(await driver.plugin.recover(id), {
        id,
        user,
        submissionTime,
        submission: { name: submission.name, tags: ['a'] },
        idempotency
      })
    }
    t.equal(await driver.plugin.recover(newId()), undefined)
  },

  async 'a job of an array finds its place in its environment, and is recovered with it and its key' (
    t, { driver, program }
  ) {
    const prepared = await driver.prepare(program('echo "$JOB_ARRAY_ID $JOB_ARRAY_INDEX of $JOB_ARRAY_COUNT"'))
    const job = { ...prepared, array: { id: newId(), index: 3, count: 5 }, key: { user: 'ann', key: 'ü/b' } }
    await driver.start(job)
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), `${job.array.id} 3 of 5\n`)
    const { array, key } = (await driver.plugin.recover(job.id))!
    t.strictSame({ array, key }, { array: job.array, key: job.key })
  },

  async 'a requested operation is recovered with its job' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'stop')
    await driver.untilEnded(job)
    t.same((await driver.plugin.recover(job.id))?.intent, job.intent)
  },
}
