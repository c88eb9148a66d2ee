// A backup of the scratch path, restored in its place and started beside the original, as docs/guide/backup.md says.

import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LauncherClient } from '../../launcher/client/client.ts'
import { isGone } from '../fixtures/is-gone.ts'
import { place, start, type Place, type Running } from './launcher-process.ts'

async function running (client: LauncherClient, command: string): Promise<{ id: string, pid: number }> {
  const { id } = await client.submit({ name: 'runs', command })
  for await (const { status } of client.events({ id })) if (status === 'Running') break
  return { id, pid: (await client.get(id)).pid! }
}

/** Returns the name of the database, which the ids of its events begin with. */
async function databaseOf (client: LauncherClient): Promise<string> {
  const list = client.list()
  for (;;) {
    const next = await list.next()
    if (next.done === true) return next.value.lastEventId.split('-')[0]!
  }
}

async function stop ({ child, exit }: Running): Promise<void> {
  child.kill('SIGTERM')
  await exit
}

function copy (from: Place, to: string): void {
  cpSync(from.scratchPath, to, { recursive: true, filter: path => !path.endsWith('.sock') })
}

t.test('a copy beside the original is refused, and the jobs of the original go on', { timeout: 120_000 }, async t => {
  const here = place(t)
  const original = await start(t, here)
  const job = await running(here.client, 'sleep 300')
  const there = place(t)
  copy(here, there.scratchPath)
  const failed = await start(t, there).then(() => undefined, error => error.ready)
  t.match(failed, { event: 'failed', code: 'ScratchPathCopied', message: new RegExp(here.scratchPath) })
  t.notOk(isGone(job.pid))
  await here.client.control(job.id, 'kill')
  t.match(await here.client.ended(job.id), { status: 'Killed' })
  await stop(original)
})

t.test('a restored backup says what it cannot know, and signals nothing', { timeout: 120_000 }, async t => {
  const here = place(t, { LocalConcurrency: '1' })
  const { client } = here
  const go = join(here.folder, 'go')
  let launcher = await start(t, here)
  const ended = await client.submit({ name: 'ended', command: 'echo out; exit 3' })
  t.match(await client.ended(ended.id), { exitCode: 3 })
  const runs = await running(client, `while [ ! -e ${go} ]; do sleep 0.1; done`)
  const database = await databaseOf(client)
  await stop(launcher)
  const backup = join(here.folder, 'backup')
  copy(here, backup)

  // The original goes on, and is lost later.
  launcher = await start(t, here)
  t.equal(await databaseOf(client), database)
  const later = await running(client, 'sleep 300')
  await stop(launcher)
  renameSync(here.scratchPath, join(here.folder, 'lost'))
  renameSync(backup, here.scratchPath)
  launcher = await start(t, here)
  t.match(launcher.log(), /scratch path is a copy/)
  t.not(await databaseOf(client), database, 'a client that resumes its events gets a reset')
  t.match(await client.get(ended.id), { status: 'Finished', exitCode: 3 })
  t.match(await client.ended(runs.id), { status: 'Failed', reason: 'RestoredFromCopy' })
  t.notOk(isGone(runs.pid), 'the program was not signaled')
  t.notOk(isGone(later.pid), 'nor was one that the backup does not have')
  t.match(await client.ended((await client.submit({ name: 'new', command: 'exit 4' })).id), { exitCode: 4 })
  await client.remove(runs.id)
  t.notOk(isGone(runs.pid), 'also not when its job was removed')
  writeFileSync(go, '')
  process.kill(later.pid, 'SIGTERM')
  process.kill(-later.pid, 'SIGKILL')
  await stop(launcher)
  const again = await start(t, here)
  t.notMatch(again.log(), /is a copy/)
  t.ok(existsSync(join(here.scratchPath, 'place.json')))
  t.match(JSON.parse(readFileSync(join(here.scratchPath, 'place.json'), 'utf8')), { path: here.scratchPath })
})
