// Stop, kill, cancel, suspend and resume.

import { UNTIL_KILLED, UNTIL_STOPPED } from '../../fixtures/shell-programs.ts'
import { end, type Cases } from '../scene.ts'

export const operations: Cases = {
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
    // Output in the data can be seen before the cluster reports that the program runs.
    t.notMatch(await driver.observe(job), { state: 'ended' })
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
    await driver.until(job, 'running')
    await driver.plugin.control(job, 'cancel')
    t.match(await driver.observe(job), { state: 'running' })
    await end(driver, job)
  },

  async 'a suspended program stands still until it is resumed' (t, { driver, program, isStopped }) {
    const job = await driver.submit(program(UNTIL_STOPPED))
    await driver.untilWritten(job, 'ready')
    await driver.control(job, 'suspend')
    t.match(await driver.observe(job), { state: 'suspended' })
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

  async 'a canceled job never runs' (t, { backend, driver, program }) {
    const job = await driver.prepare(program('echo run'))
    await driver.control(job, 'cancel')
    await backend.halfStart!(job)
    await driver.control(job, 'cancel')
    await driver.control(job, 'cancel')
    t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled', reason: 'CanceledOnRequest' })
    await driver.start(job)
    t.match(await driver.observe(job), { state: 'ended', outcome: { status: 'Canceled' } })
    t.equal(String(await driver.read(job, { follow: true })), '')
  },
}
