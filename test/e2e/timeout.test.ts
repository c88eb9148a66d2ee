// The timeout of a local job: when it begins, how the job ends, and what a launcher does that was away.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commandLine } from '../fixtures/command-line.ts'
import { kill, place, start } from './launcher-process.ts'

const TIMED_OUT = { status: 'Killed', outcome: 'failed', reason: 'TimedOut' }

t.test('a job is stopped when it has run for its timeout, and killed after its grace', async t => {
  const here = place(t)
  await start(t, here)
  const { client } = here
  const submit = (command: string, more: object = {}) =>
    client.submit({ name: 'job', command, timeoutSeconds: 1, ...more })
  const [plain, handles, ignores, quick, suspended] = await Promise.all([
    submit('sleep 60'),
    submit("trap 'exit 7' TERM; while :; do sleep 0.1; done"),
    submit("trap '' TERM; while :; do sleep 0.1; done", { stopGraceSeconds: 1 }),
    submit('exit 0'),
    submit('sleep 60', { timeoutSeconds: 10 })
  ])
  for await (const job of client.events({ id: suspended.id })) {
    if (job.status === 'Running') break
  }
  await client.control(suspended.id, 'suspend')
  const ended = await client.ended(plain.id)
  t.match(ended, {
    ...TIMED_OUT, exitCode: 143, message: 'The job ran longer than its timeout of 1 s and was ended.'
  })
  const tookMs = Date.parse(ended.endTime!) - Date.parse(ended.startTime!)
  t.ok(tookMs >= 1000 && tookMs < 10_000, `it ran for ${tookMs} ms`)
  t.match(await client.ended(handles.id), { ...TIMED_OUT, exitCode: 7 })
  const killed = await client.ended(ignores.id)
  t.match(killed, { ...TIMED_OUT, exitCode: 137 })
  t.ok(Date.parse(killed.endTime!) - Date.parse(killed.startTime!) >= 1900)
  t.match(await client.ended(quick.id), { outcome: 'succeeded', reason: 'Exited' })
  t.match(await client.ended(suspended.id), TIMED_OUT, 'a suspended job has no more time')
})

t.test('a job whose timeout passed while no launcher ran is ended by the next one', async t => {
  const here = place(t)
  const first = await start(t, here)
  const { id } = await here.client.submit({ name: 'job', command: 'sleep 60', timeoutSeconds: 2 })
  for await (const job of here.client.events({ id })) {
    if (job.status === 'Running') break
  }
  await kill(first)
  await start(t, here)
  t.match(await here.client.ended(id), { ...TIMED_OUT, exitCode: 143 })
})

t.test('a profile gives and bounds the timeout, and explain and the cluster name the line', async t => {
  const folder = t.testdir({ 'profiles.conf': '[*]\ndefault-timeout-seconds = 50\nmax-timeout-seconds = 100\n' })
  const file = join(folder, 'profiles.conf')
  const here = place(t, { LocalProfilesConfig: file })
  await start(t, here)
  const { client } = here
  const job = await client.submit({ name: 'job', command: 'true' })
  t.equal(job.timeoutSeconds, 50)
  await t.rejects(client.submit({ name: 'job', command: 'true', timeoutSeconds: 101 }), {
    code: 'LimitExceeded',
    message: new RegExp(`timeout 101 s; ${file} line 3 allows \\S+ max-timeout-seconds=100`)
  })
  for (const timeoutSeconds of [0, -1, 1.5, 31_536_001, '5' as never]) {
    await t.rejects(client.submit({ name: 'job', command: 'true', timeoutSeconds }), {
      code: 'InvalidRequest', details: { field: 'timeoutSeconds' }
    })
  }
  const explained = await client.explain({ name: 'job', command: 'true' })
  t.match(explained.limits.find(({ type }) => type === 'timeout'), {
    value: 50, enforced: true, setBy: { key: 'default-timeout-seconds', file, line: 2 }, max: { value: 100, line: 3 }
  })
  t.match((await client.cluster('Local')).limits.find(({ type }) => type === 'timeout'), {
    default: { value: 50, file, line: 2 }, max: { value: 100, file, line: 3 }
  })
})

t.test('run and submit take --timeout', async t => {
  const here = place(t)
  await start(t, here)
  const command = async (name: string, ...args: string[]) =>
    await commandLine([name, '--socket', here.socket, ...args])
  const ran = await command('run', '--timeout', '1s', '--', 'sleep', '60')
  t.equal(ran.code, 143)
  t.match(ran.stderr, /Killed \(TimedOut\): The job ran longer than its timeout of 1 s/)
  const file = join(t.testdir({}), 'job.json')
  writeFileSync(file, JSON.stringify({ name: 'job', command: 'true', timeoutSeconds: 5 }))
  const submitted = await command('submit', '-f', file, '--timeout', '15m', '--json')
  t.equal(JSON.parse(submitted.stdout).timeoutSeconds, 900)
  for (const bad of ['0', '1.5s', 'soon', '-1']) {
    t.match(await command('run', `--timeout=${bad}`, '--', 'true'), {
      code: 64, stderr: /--timeout \S+: must be a duration of whole seconds such as 90s, 15m or 2h/
    }, bad)
  }
})
