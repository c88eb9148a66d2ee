import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import { until } from '../../fixtures/until.ts'
import { isGone } from '../../fixtures/is-gone.ts'
import { scene } from './driven-plugin.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/programs/${name}`, import.meta.url))

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

t.test('a cancel that meets a supervisor before its first line waits until the job is observed to run', async t => {
  const { driver, folderOf } = await scene(t)
  const job = await driver.submit({ name: 'x', command: 'echo ready; sleep 300' })
  await driver.untilWritten(job, 'ready')
  const state = join(folderOf(job.id), 'state')
  const text = readFileSync(state, 'utf8')
  writeFileSync(state, '')
  const canceled = driver.control(job, 'cancel')
  const early = await Promise.race([canceled.then(() => 'canceled'), delay(50, 'waits')])
  writeFileSync(state, text)
  await canceled
  t.equal(early, 'waits')
  t.match(await driver.observe(job), { state: 'running' })
  await driver.control(job, 'kill')
  t.match((await driver.untilEnded(job)).outcome, { reason: 'KilledOnRequest' })
})

t.test('a cancel that meets a supervisor which releases its claim claims the job', async t => {
  const { driver, folderOf, halfStart } = await scene(t)
  const job = await driver.prepare({ name: 'x', command: 'true' })
  await halfStart!(job)
  writeFileSync(join(folderOf(job.id), 'state'), '')
  const canceled = driver.control(job, 'cancel')
  rmSync(join(folderOf(job.id), 'state'))
  await canceled
  t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled' })
})
