// The promises of docs/guide/when-resources-run-out.md about a full or unwritable disk and about descriptors that run
// out.

import { spawnSync } from 'node:child_process'
import { createConnection, type Socket } from 'node:net'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { fill } from './fill.ts'
import { place, start, type Place } from './launcher-process.ts'

const noMount = process.getuid!() === 0 ? false : 'only root can mount a small file system'

const noPrlimit = spawnSync('prlimit', ['--version']).status === 0 ? false : 'there is no prlimit'

/** A place whose scratch path is a file system of its own, of a few megabytes. */
function onSmallDisk (t: Test): Place {
  const here = place(t)
  mkdirSync(here.scratchPath, { mode: 0o700 })
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'none', here.scratchPath], {
    encoding: 'utf8'
  })
  if (status !== 0) t.bailout(stderr)
  return here
}

/** tap runs teardowns in reverse order: the file system must be unmounted between the launcher and its folder. */
function unmountLater (t: Test, { scratchPath }: Place): void {
  t.teardown(() => { spawnSync('umount', ['-l', scratchPath]) })
}

t.test(
  'a full disk refuses new jobs, running jobs end correctly, and all resumes by itself once there is space',
  { skip: noMount },
  async t => {
    const here = onSmallDisk(t)
    unmountLater(t, here)
    await start(t, here)
    const { client } = here
    const go = join(here.folder, 'go')
    const job = await client.submit({ name: 'under way', command: `until [ -e ${go} ]; do sleep 0.1; done; exit 7` })
    for await (const { status } of client.events({ id: job.id })) if (status === 'Running') break

    fill(join(here.scratchPath, 'filler'))
    // The database may have space in its own files for a few.
    const refusal = await (async () => {
      for (let count = 0; count < 200; count++) {
        try {
          await client.submit({ name: 'one more', exe: '/bin/true', metadata: { text: 'x'.repeat(50_000) } })
        } catch (error) {
          return error
        }
      }
    })()
    t.match(refusal, { code: 'StoreUnavailable', message: /is full: \d+ bytes are free/ })
    t.match(await client.get(job.id), { status: 'Running' }, 'what is known can still be read')
    writeFileSync(go, '')
    await delay(500)
    rmSync(join(here.scratchPath, 'filler'))
    t.match(await client.ended(job.id), { status: 'Finished', exitCode: 7 })
    const after = await client.submit({ name: 'after', command: 'echo room' })
    t.match(await client.ended(after.id), { status: 'Finished', exitCode: 0 })
    for await (const { id, name } of client.list()) {
      if (name === 'one more') {
        t.match(await client.ended(id), { status: /^(Finished|Failed)$/ }, 'an accepted one has ended')
      }
    }
  }
)

t.test(
  'an unwritable scratch path prevents the start, and one that becomes unwritable refuses jobs meanwhile',
  { skip: noMount },
  async t => {
    const here = onSmallDisk(t)
    unmountLater(t, here)
    const remount = (mode: 'ro' | 'rw'): void => {
      t.equal(spawnSync('mount', ['-o', `remount,${mode}`, here.scratchPath]).status, 0, mode)
    }
    remount('ro')
    const failure = await start(t, here).then(
      () => undefined,
      error => error
    )
    t.match(failure, {
      exit: [78, null],
      ready: { event: 'failed', code: 'FolderNotWritable', message: /Launcher\.ScratchPath.*EROFS/ }
    })
    remount('rw')
    await start(t, here)
    await here.client.submit({ name: 'before', exe: '/bin/true' })
    t.match(await here.client.readiness(), { ready: true })
  }
)

t.test(
  'a launcher out of descriptors stays alive, and answers once some are free',
  { skip: noPrlimit },
  async t => {
    const here = place(t)
    const running = await start(t, here)
    t.equal(spawnSync('prlimit', ['--pid', String(running.pid), '--nofile=64:64']).status, 0)
    const job = await here.client.submit({ name: 'before', command: 'exec sleep 1000' })
    for await (const { status } of here.client.events({ id: job.id })) if (status === 'Running') break
    const sockets: Socket[] = Array.from({ length: 120 }, () => createConnection(here.socket).on('error', () => {}))
    await Promise.all(sockets.map(socket => Promise.race([once(socket, 'connect'), once(socket, 'close')])))
    await delay(300)
    for (const socket of sockets) socket.destroy()
    t.match(await here.client.get(job.id), { status: 'Running' })
    const after = await here.client.submit({ name: 'after', command: 'exit 5' })
    t.match(await here.client.ended(after.id), { status: 'Finished', exitCode: 5 })
    await here.client.control(job.id, 'kill')
    t.match(await here.client.ended(job.id), { status: 'Killed' })
    t.equal(running.child.exitCode, null)
  }
)
