// What a plugin reports of a job and of its cluster, and what it leaves behind.

import { setImmediate } from 'node:timers/promises'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { UNTIL_KILLED } from '../../fixtures/shell-programs.ts'
import { end, list, type Cases } from '../scene.ts'

export const cluster: Cases = {
  async 'an explanation decides like an admission, and creates nothing' (t, { driver, backend, program }) {
    const subject = { user: backend.user, groups: [] }
    const both = (submission: JobSubmission) =>
      Promise.all([true, false].map(explain => driver.plugin.decide(submission, subject, { explain })))
    const good = program('exit 0', { exposedPorts: [{}], stdin: 'in', secrets: [{ name: 'TOKEN', value: 'hunter2' }] })
    const [explained, decided] = await both(good)
    t.strictSame([explained!.refusals, decided!.refusals], [[], []])
    t.ok(explained!.admitted)
    t.strictSame(explained!.admitted, decided!.admitted)
    t.ok(explained!.explanation)
    t.notMatch(JSON.stringify(explained!.explanation), /hunter2/)
    const bad = program('exit 0', { args: ['x'.repeat(200_000)] })
    const [first, second] = await both(bad)
    t.strictSame([first!.admitted, second!.admitted], [undefined, undefined])
    t.match(second!.refusals[0], { code: first!.refusals[0]!.code, message: first!.refusals[0]!.message })
    for await (const id of driver.plugin.list()) t.fail(id)
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

  async 'a program that does not answer at its port runs on, with its addresses and a reason' (
    t, { driver, program }
  ) {
    const exposedPorts = [{ ready: { tcp: true as const, timeoutSeconds: 1 } }]
    const job = await driver.submit(program(UNTIL_KILLED, { exposedPorts }))
    await driver.untilWritten(job, 'ready')
    const seen = await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'NotReady')
    t.match(seen, { state: 'running', readyTime: undefined, message: /was not ready 1 s after its start/ })
    const { ports, ...network } = await driver.plugin.network(job)
    t.strictSame('network' in seen && seen.network, {
      ...network, ports: ports.map(({ listening: _, ...port }) => port)
    })
    await end(driver, job)
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
    t.equal((await driver.observe(job)).state, 'absent')
    t.equal(await driver.plugin.recover(job.id), undefined)
    await driver.forget(await driver.prepare(program('exit 0')))
  },

  async 'a healthy cluster reports ready' (t, { driver }) {
    let health = await driver.plugin.health()
    // What a first check has not shown yet is not ready. The checks need turns of the event loop.
    while (!health.ready) {
      await setImmediate()
      health = await driver.plugin.health()
    }
    t.strictSame(health, { ready: true })
  }
}
