// The promises of docs/guide/when-resources-run-out.md about a job that fills the disk of the scratch path.

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { LauncherClient } from '../../launcher/client/client.ts'
import { noSmallDisk } from '../plugins/local/small-disk.ts'
import { fill } from './fill.ts'
import { kill, place, start, untilReady, type Place } from './launcher-process.ts'

/** Writes to the last byte, and takes each byte that becomes free. */
const FILLS_THE_DISK = 'while :; do yes; sleep 0.01; done 2> /dev/null'

/** A place whose scratch path is a file system of its own. Call `unmountLater` before the launcher starts. */
function onSmallDisk (t: Test, size = '8m'): Place {
  const here = place(t)
  mkdirSync(here.scratchPath, { mode: 0o700 })
  const options = ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'none', here.scratchPath]
  const { status, stderr } = spawnSync('mount', options, { encoding: 'utf8' })
  if (status !== 0) t.bailout(stderr)
  // tap runs teardowns in reverse order: after the launcher's end and before the removal of the folder.
  t.teardown(() => { spawnSync('umount', ['-l', here.scratchPath]) })
  return here
}

async function running (client: LauncherClient, name: string, command: string): Promise<string> {
  const { id } = await client.submit({ name, command })
  for await (const { status } of client.events({ id })) if (status === 'Running') break
  return id
}

async function untilFull ({ scratchPath }: Place): Promise<void> {
  while (statfsSync(scratchPath).bavail > 0) await delay(10)
  // The launcher reads the free bytes at most ten times a second.
  await delay(150)
}

interface Reply {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Record<string, unknown>
}

function post ({ socket }: Place, path: string, body: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: socket, path, method: 'POST', headers: { 'content-type': 'application/json' } }
    request(options, reply => {
      let text = ''
      reply.on('data', data => { text += data }).on('end', () => resolve({
        status: reply.statusCode!,
        retryAfter: reply.headers['retry-after'],
        body: JSON.parse(text)
      }))
    }).on('error', reject).end(JSON.stringify(body))
  })
}

t.test('on a disk that a job fills, jobs are stopped and killed, and every outcome is stored', { skip: noSmallDisk },
  async t => {
    const here = onSmallDisk(t)
    const launcher = await start(t, here)
    const { client } = here
    const quiet = await running(client, 'quiet', 'exec sleep 1000')
    const deaf = await client.submit({ name: 'deaf', command: "trap '' TERM; sleep 1000", stopGraceSeconds: 1 })
    const ends = await running(client, 'ends', `until [ -e ${here.folder}/go ]; do sleep 0.1; done; exit 7`)
    const filler = await client.submit({ name: 'filler', command: FILLS_THE_DISK })
    await untilFull(here)

    const refused = await post(here, '/v1/jobs', { name: 'one more', exe: '/bin/true' })
    t.match(refused, {
      status: 503,
      retryAfter: '10',
      body: {
        code: 'StoreUnavailable',
        detail: `The disk of the scratch path ${here.scratchPath} (Launcher.ScratchPath) is full: 0 bytes are free.`,
        freeBytes: 0
      }
    })
    t.match(await client.readiness(), { ready: false, disk: { full: true, freeBytes: 0 } })
    t.match(await client.get(filler.id), { status: 'Running' }, 'that it runs was stored')

    t.equal((await post(here, `/v1/jobs/${quiet}/control`, { operation: 'kill' })).status, 202)
    t.equal((await post(here, `/v1/jobs/${deaf.id}/control`, { operation: 'stop' })).status, 202)
    spawnSync('touch', [join(here.folder, 'go')])
    t.match(await client.ended(quiet), { status: 'Killed', reason: 'KilledOnRequest' })
    t.match(await client.ended(ends), { status: 'Finished', exitCode: 7 })
    t.match(await client.ended(deaf.id), { status: 'Killed', reason: 'StopGraceExceeded' })
    t.equal(statfsSync(here.scratchPath).bavail, 0, 'all of that on a full disk')
    t.equal((await post(here, `/v1/jobs/${filler.id}/control`, { operation: 'kill' })).status, 202)
    t.match(await client.ended(filler.id), { status: 'Killed', reason: 'KilledOnRequest' })

    await client.remove(filler.id)
    await untilReady(client, true)
    t.match(await client.ended((await client.submit({ name: 'after', command: 'exit 3' })).id), { exitCode: 3 })
    t.equal(launcher.child.exitCode, null)
    for await (const { name } of client.list()) t.not(name, 'one more')
  })

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`after ${signal} the next launcher starts on the full disk and kills the job that fills it`,
    { skip: noSmallDisk },
    async t => {
      const here = onSmallDisk(t)
      const first = await start(t, here)
      const { client } = here
      const quiet = await running(client, 'quiet', 'exec sleep 1000')
      const filler = await client.submit({ name: 'filler', command: FILLS_THE_DISK })
      await untilFull(here)
      first.child.kill(signal)
      await first.exit
      await delay(100)

      await start(t, here)
      t.equal(statfsSync(here.scratchPath).bavail, 0)
      t.match(await client.readiness(), { ready: false, disk: { full: true } })
      await client.control(quiet, 'kill')
      t.match(await client.ended(quiet), { status: 'Killed', reason: 'KilledOnRequest' })
      await client.control(filler.id, 'kill')
      t.match(await client.ended(filler.id), { status: 'Killed', reason: 'KilledOnRequest' })
      await client.remove(filler.id)
      await untilReady(client, true)
    })
}

t.test('the next launcher knows what was requested of a job on a full disk', { skip: noSmallDisk }, async t => {
  const here = onSmallDisk(t)
  const { client } = here
  let launcher = await start(t, here)
  const restart = async (): Promise<void> => {
    launcher.child.kill('SIGKILL')
    await launcher.exit
    launcher = await start(t, here)
  }
  const killed = await running(client, 'killed', 'exec sleep 1000')
  const deaf = await client.submit({ name: 'deaf', command: "trap '' TERM; sleep 1000", stopGraceSeconds: 1 })
  const filler = await client.submit({ name: 'filler', command: FILLS_THE_DISK })
  await untilFull(here)
  await client.control(deaf.id, 'stop')
  await client.control(killed, 'kill')
  await restart()
  t.match(await client.ended(killed), { status: 'Killed', reason: 'KilledOnRequest' })
  t.match(await client.ended(deaf.id), { status: 'Killed', reason: 'StopGraceExceeded' })
  await client.control(filler.id, 'kill')
  await restart()
  t.match(await client.ended(filler.id), { status: 'Killed', reason: 'KilledOnRequest' })
})

t.test('a start that finds no room has exit code 74, names the disk, and succeeds once there is room',
  { skip: noSmallDisk },
  async t => {
    const here = onSmallDisk(t)
    fill(join(here.scratchPath, 'filler'))
    const failure = await start(t, here).then(() => undefined, error => error)
    t.match(failure, { exit: [74, null], ready: { event: 'failed', code: 'DiskFull' } })
    t.match(failure.ready.message, `The disk of ${here.scratchPath} (Launcher.ScratchPath) is full, 0 bytes are free`)
    t.notMatch(failure.ready.help, /move|away/)
    rmSync(join(here.scratchPath, 'filler'))
    const next = await start(t, here)
    await untilReady(here.client, true)
    await kill(next)
  })

t.test('a job that was accepted before the disk was full starts when there is room', { skip: noSmallDisk }, async t => {
  const here = onSmallDisk(t)
  await start(t, here, { args: ['--set', 'LocalConcurrency=1'] })
  const { client } = here
  const ids = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
    if (n === 10) fill(join(here.scratchPath, 'filler'))
    try {
      return (await client.submit({ name: `${n}`, command: 'exit 4' })).id
    } catch (error) {
      t.match(error, { code: 'StoreUnavailable' })
    }
  }))
  await delay(500)
  rmSync(join(here.scratchPath, 'filler'))
  for (const id of ids) {
    if (id !== undefined) t.match(await client.ended(id), { status: 'Finished', exitCode: 4 })
  }
})
