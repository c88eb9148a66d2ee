// Jobs outlive the launcher, and the next launcher adopts them.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kill, place, start } from './launcher-process.ts'

const waits = (file: string, code: number) => `until [ -e '${file}' ]; do sleep 0.05; done; echo done; exit ${code}`

t.test('a launcher killed while 20 jobs run adopts all 20, and each ends with its own exit code', async t => {
  const here = place(t)
  const first = await start(t, here)
  const go = join(here.folder, 'go')
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, n) => here.client.submit({ name: `waits ${n}`, command: waits(go, n) }))
  )
  for (const { id } of jobs) {
    for await (const job of here.client.events({ id })) if (job.status === 'Running') break
  }
  const pids = await Promise.all(jobs.map(async ({ id }) => (await here.client.get(id)).pid))
  await kill(first)
  await start(t, here)
  const after = await Promise.all(jobs.map(({ id }) => here.client.get(id)))
  t.same(after.map(({ status }) => status), Array(20).fill('Running'), 'all still run')
  t.same(after.map(({ pid }) => pid), pids, 'as the same processes')
  writeFileSync(go, '')
  const ended = await Promise.all(jobs.map(({ id }) => here.client.ended(id)))
  t.same(
    ended.map(({ status, exitCode, reason }) => [status, exitCode, reason]),
    jobs.map((_, n) => ['Finished', n, 'Exited'])
  )
})

t.test('jobs that ended while no launcher ran get their outcome from the next launcher', async t => {
  const here = place(t)
  const first = await start(t, here)
  const go = join(here.folder, 'go')
  const { id } = await here.client.submit({ name: 'ends alone', command: waits(go, 5) })
  for await (const job of here.client.events({ id })) if (job.status === 'Running') break
  const ended = join(here.folder, 'ended')
  const other = await here.client.submit({
    name: 'tells',
    command: `${waits(go, 0).replace('exit 0', `touch '${ended}'`)}`
  })
  await kill(first)
  writeFileSync(go, '')
  await start(t, here)
  t.equal((await here.client.ended(id)).exitCode, 5)
  t.equal((await here.client.ended(other.id)).exitCode, 0)
  t.ok(existsSync(ended))
})

t.test(
  'a launcher that lost its database recovers running jobs, and no reply shows their secrets',
  async t => {
    const here = place(t)
    const first = await start(t, here)
    const go = join(here.folder, 'go')
    const { id } = await here.client.submit({
      name: 'survivor',
      command: waits(go, 3),
      tags: ['kept'],
      secrets: [{ name: 'TOKEN', value: 'canary-4711' }]
    })
    for await (const job of here.client.events({ id })) if (job.status === 'Running') break
    await kill(first)
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(here.scratchPath, `jobs.db${suffix}`), { force: true })
    await start(t, here)
    for await (const job of here.client.events()) if (job.id === id && job.status === 'Running') break
    const job = await here.client.get(id)
    t.match(job, { name: 'survivor', status: 'Running', tags: ['kept'] })
    t.notMatch(JSON.stringify(job), 'canary-4711')
    writeFileSync(go, '')
    t.equal((await here.client.ended(id)).exitCode, 3)
  }
)

t.test('operations requested before the launcher was killed are carried out by the next launcher', async t => {
  const here = place(t)
  const first = await start(t, here)
  const { id } = await here.client.submit({
    name: 'stubborn',
    command: 'trap "" TERM; echo ready; while :; do sleep 0.1; done',
    stopGraceSeconds: 1
  })
  for await (const chunk of here.client.output(id, { stream: 'stdout', follow: true })) {
    if (String(chunk).includes('ready')) break
  }
  await here.client.control(id, 'stop')
  await kill(first)
  await start(t, here)
  t.match(await here.client.ended(id), { status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137 })
})
