// Jobs outlive the launcher, and the next launcher adopts them.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createClient } from '../../launcher/client/client.ts'
import { send } from '../fixtures/local-app.ts'
import { newId } from '../fixtures/sample-job.ts'
import { kill, place, start, type Place } from './launcher-process.ts'

const waits = (file: string, code: number) => `until [ -e '${file}' ]; do sleep 0.05; done; echo done; exit ${code}`

function loseDatabase ({ scratchPath }: Place): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(scratchPath, `jobs.db${suffix}`), { force: true })
}

/** Copies a job's folder, as if that many jobs ran. Returns their ids. */
function copiesOf ({ scratchPath }: Place, id: string, count: number): string[] {
  const folder = join(scratchPath, 'Local', 'jobs')
  const record = JSON.parse(readFileSync(join(folder, id, 'job.json'), 'utf8'))
  return Array.from({ length: count }, () => {
    const copy = newId()
    cpSync(join(folder, id), join(folder, copy), { recursive: true })
    writeFileSync(join(folder, copy, 'job.json'), JSON.stringify({ ...record, id: copy, idempotency: undefined }))
    return copy
  })
}

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
    name: 'marks its end',
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
    loseDatabase(here)
    await start(t, here)
    for await (const job of here.client.events()) if (job.id === id && job.status === 'Running') break
    const job = await here.client.get(id)
    t.match(job, { name: 'survivor', status: 'Running', tags: ['kept'] })
    t.notMatch(JSON.stringify(job), 'canary-4711')
    writeFileSync(go, '')
    t.equal((await here.client.ended(id)).exitCode, 3)
  }
)

t.test('a launcher that lost its database knows every local job when it prints its ready line', async t => {
  const here = place(t)
  const first = await start(t, here)
  const go = join(here.folder, 'go')
  const submit = () => here.client.submit({ name: 'survivor', command: waits(go, 3) }, { idempotencyKey: 'once' })
  const { id } = await submit()
  for await (const job of here.client.events({ id })) if (job.status === 'Running') break
  await kill(first)
  loseDatabase(here)
  const copies = copiesOf(here, id, 500)
  await start(t, here)
  const found = await Promise.allSettled([id, ...copies].map(each => here.client.get(each)))
  t.strictSame(found.filter(({ status }) => status === 'rejected'), [], 'no running job is unknown')
  t.equal((await submit()).id, id, 'a repeated submission returns the job that runs')
  writeFileSync(go, '')
  t.equal((await here.client.ended(id)).exitCode, 3)
})

t.test('a client that follows a job while the database is lost receives its end', { timeout: 60_000 }, async t => {
  const here = place(t)
  const first = await start(t, here)
  for (let i = 0; i < 3; i++) {
    const { id } = await here.client.submit({ name: 'earlier', exe: '/bin/true' })
    await here.client.ended(id)
    await here.client.remove(id)
  }
  const go = join(here.folder, 'go')
  const { id } = await here.client.submit({ name: 'survivor', command: waits(go, 3) })
  const running = Promise.withResolvers<void>()
  const statuses: string[] = []
  const followed = (async () => {
    for await (const { status } of here.client.events({ id })) {
      statuses.push(status)
      if (status === 'Running') running.resolve()
    }
  })()
  await running.promise
  await kill(first)
  loseDatabase(here)
  await start(t, here)
  writeFileSync(go, '')
  await followed
  t.equal(statuses.at(-1), 'Finished')
})

t.test('while a cluster is away since the start, no unknown job is missing, and the others work', async t => {
  const tokens = mkdtempSync(join(tmpdir(), 'jl-token-'))
  t.teardown(() => rmSync(tokens, { recursive: true, force: true }))
  writeFileSync(join(tokens, 'token'), 'a-token')
  const here = place(t, {
    Kubernetes: 'true', KubernetesApiUrl: 'https://127.0.0.1:1', KubernetesAuthTokenPath: join(tokens, 'token')
  })
  await start(t, here)
  const get = async (path: string) => {
    const { status, headers, body } = await send(here.socket, { method: 'GET', path })
    return { status, retryAfter: headers['retry-after'], ...JSON.parse(body) }
  }
  t.match(await get(`/v1/jobs/${newId()}`), {
    status: 503, retryAfter: /^[1-9]\d*$/, code: 'AdoptionIncomplete', clusters: ['Kubernetes']
  })
  t.match(await get('/v1/jobs'), { jobs: [], complete: false })
  t.match(await get('/v1/jobs?cluster=Local'), { jobs: [], complete: true })
  const { adopted, clusters } = await here.client.readiness()
  t.strictSame([adopted, ...clusters.map(({ name, adopted }) => [name, adopted])], [
    false,
    ['Local', true],
    ['Kubernetes', false]
  ])
  const { id } = await here.client.submit({ name: 'local', exe: '/bin/true' }, { idempotencyKey: 'a' })
  t.match(await here.client.ended(id), { status: 'Finished' })
  const waiting = { name: 'w', cluster: 'Kubernetes', exe: 'true', container: { image: 'a' } }
  t.match(await here.client.submit(waiting), { status: 'Pending' })
  const repeated = await send(here.socket, {
    method: 'POST', path: '/v1/jobs', headers: { 'idempotency-key': 'b' }, body: JSON.stringify(waiting)
  })
  t.match(JSON.parse(repeated.body), { code: 'AdoptionIncomplete', clusters: ['Kubernetes'] })
})

for (const isLost of [false, true]) {
  const how = isLost ? 'and its database lost ' : ''
  t.test(`a stop that a user requested before the launcher was killed ${how}ends the job in their name`, async t => {
    const here = place(t)
    const first = await start(t, here)
    const { id, user } = await here.client.submit({
      name: 'stubborn',
      command: 'trap "" TERM; echo ready; while :; do sleep 0.1; done',
      stopGraceSeconds: 1
    })
    for await (const chunk of here.client.output(id, { stream: 'stdout', follow: true })) {
      if (String(chunk).includes('ready')) break
    }
    const ofUser = createClient({ address: here.socket, user })
    t.teardown(ofUser.close)
    await ofUser.control(id, 'stop')
    t.match(first.log(), new RegExp(`"job":"${id}","operation":"stop","user":"${user}","msg":"operation requested"`))
    await kill(first)
    if (isLost) loseDatabase(here)
    await start(t, here)
    t.match(await here.client.ended(id), {
      status: 'Killed', reason: 'StopGraceExceeded', exitCode: 137, endedBy: { operation: 'stop', user }
    })
  })
}
