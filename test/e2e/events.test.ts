// A client that follows all jobs knows exactly those that exist, whatever happens to the launcher and its database.

import { cpSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ClientJob, JobFilter } from '../../launcher/client/client.ts'
import { kill, place, start, type Place, type Running } from './launcher-process.ts'

const databaseFiles = ({ scratchPath }: Place): string[] =>
  ['', '-wal', '-shm'].map(suffix => join(scratchPath, `jobs.db${suffix}`))

async function stop ({ child, exit }: Running): Promise<void> {
  child.kill('SIGTERM')
  await exit
}

/** Follows all jobs as a host does, and resolves `until` once its jobs are as wanted. */
function follow (t: Test, { client }: Place, filter: JobFilter = {}, after?: string) {
  const known = new Map<string, ClientJob>()
  const marks: string[] = []
  let last = after
  let changed = Promise.withResolvers<void>()
  const notify = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const stopped = new AbortController()
  const done = (async () => {
    for await (const job of client.events({
      filter,
      after,
      signal: stopped.signal,
      reset () {
        marks.push('reset')
        known.clear()
        notify()
      },
      removed ({ id, why }) {
        marks.push(why)
        known.delete(id)
        notify()
      },
      taken: eventId => { last = eventId }
    })) {
      known.set(job.id, job)
      notify()
    }
  })()
  t.teardown(() => { stopped.abort() })
  return {
    known,
    marks,
    async until (wanted: () => boolean) {
      while (!wanted()) await changed.promise
    },
    async stop () {
      stopped.abort()
      await done
      return last
    }
  }
}

t.test('a client that follows all jobs over a restart misses no removal', { timeout: 120_000 }, async t => {
  const here = place(t)
  const { client } = here
  const first = await start(t, here)
  const jobs = await Promise.all([0, 1, 2].map(n => client.submit({ name: `ends ${n}`, command: 'true' })))
  const [gone, later, kept] = jobs.map(({ id }) => id) as [string, string, string]
  for (const { id } of jobs) await client.ended(id)
  const live = follow(t, here)
  const away = follow(t, here)
  await live.until(() => live.known.size === 3)
  await away.until(() => away.known.size === 3)
  const last = await away.stop()
  await client.remove(gone)
  await live.until(() => live.known.size === 2)
  await stop(first)
  const second = await start(t, here)
  await client.remove(later)
  await live.until(() => live.known.size === 1)
  t.strictSame(live.marks, ['deleted', 'deleted'])
  const back = follow(t, here, {}, last)
  await back.until(() => back.marks.length === 2)
  t.strictSame(back.marks, ['deleted', 'deleted'], 'also to a client that was away')
  t.strictSame([...live.known.keys()], [kept])
  await kill(second)
  await start(t, here)
  const { id } = await client.submit({ name: 'next', command: 'true' })
  await live.until(() => live.known.get(id)?.status === 'Finished')
  t.strictSame(live.marks, ['deleted', 'deleted'], 'a launcher that was killed needs no reset')
})

t.test('a client forgets what was lost with a database, and keeps the jobs that run', { timeout: 120_000 }, async t => {
  const here = place(t)
  const { client } = here
  const first = await start(t, here)
  const ended = await client.submit({ name: 'ended', command: 'true' })
  await client.ended(ended.id)
  const runs = await client.submit({ name: 'runs', command: 'sleep 300' })
  const live = follow(t, here)
  await live.until(() => live.known.get(runs.id)?.status === 'Running')
  t.ok(live.known.has(ended.id))
  await kill(first)
  for (const file of databaseFiles(here)) rmSync(file, { force: true })
  rmSync(join(here.scratchPath, 'Local', 'jobs', ended.id), { recursive: true })
  await start(t, here)
  await live.until(() => live.marks.includes('reset') && live.known.get(runs.id)?.status === 'Running')
  t.strictSame(live.marks, ['reset'])
  t.strictSame([...live.known.keys()], [runs.id])
  await client.control(runs.id, 'kill')
  await live.until(() => live.known.get(runs.id)?.status === 'Killed')
})

t.test('a client forgets what only a later state of a restored database had', { timeout: 120_000 }, async t => {
  const here = place(t)
  const { client } = here
  const launcher = await start(t, here)
  const before = await client.submit({ name: 'before', command: 'true' })
  await client.ended(before.id)
  await stop(launcher)
  const backup = join(here.folder, 'backup.db')
  cpSync(join(here.scratchPath, 'jobs.db'), backup)
  const second = await start(t, here)
  const list = client.list()
  let listed = await list.next()
  while (listed.done !== true) listed = await list.next()
  const live = follow(t, here, {}, listed.value.lastEventId)
  const after = await client.submit({ name: 'after', command: 'true' })
  await live.until(() => live.known.get(after.id)?.status === 'Finished')
  t.strictSame(live.marks, [], 'the stream continues from the list')
  await client.remove(after.id)
  const third = await client.submit({ name: 'third', command: 'true' })
  await live.until(() => live.known.get(third.id)?.status === 'Finished')
  await stop(second)
  for (const file of databaseFiles(here)) rmSync(file, { force: true })
  rmSync(join(here.scratchPath, 'Local', 'jobs', third.id), { recursive: true })
  renameSync(backup, join(here.scratchPath, 'jobs.db'))
  await start(t, here)
  await live.until(() => live.marks.includes('reset') && live.known.has(before.id))
  t.strictSame([...live.known.keys()], [before.id])
})

t.test('a job that expires leaves every stream that shows it', { timeout: 120_000 }, async t => {
  const here = place(t, { JobExpiry: '1s', JobHistory: '0' })
  await start(t, here)
  const ended = follow(t, here, { status: ['Killed'] })
  const running = follow(t, here, { status: ['Running'] })
  const { id } = await here.client.submit({ name: 'expires', command: 'sleep 300' })
  await running.until(() => running.known.has(id))
  await here.client.control(id, 'kill')
  await Promise.all([ended, running].map(each => each.until(() => each.marks.includes('expired'))))
  t.strictSame(ended.marks, ['expired'])
  t.strictSame(running.marks, ['unmatched', 'expired'])
  t.notOk(ended.known.has(id))
})
