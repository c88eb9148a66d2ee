import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { fill } from '../../e2e/fill.ts'
import { scriptedApp, scriptedAppBeforeBegin } from '../../fixtures/scripted-app.ts'
import { noSmallDisk, smallDisk } from '../../plugins/local/small-disk.ts'

t.test('the launcher is alive at once, and ready when jobs are adopted and each cluster is ready', async t => {
  let ready = true
  const { server, begin } = await scriptedAppBeforeBegin(t, {
    async health () {
      return ready ? { ready } : { ready, message: 'It is away.' }
    }
  })
  t.strictSame((await server.inject('/health/live')).json(), { live: true })
  const before = await server.inject('/health/ready')
  t.equal(before.statusCode, 503)
  t.match(before.json(), { ready: false, adopted: false, clusters: [{ name: 'Local', ready: true, adopted: false }] })
  await begin()
  const after = await server.inject('/health/ready')
  t.equal(after.statusCode, 200)
  const { disk, ...rest } = after.json()
  t.strictSame(rest, { ready: true, adopted: true, clusters: [{ name: 'Local', adopted: true, ready: true }] })
  t.match(disk, { full: false, freeBytes: Number, message: undefined })
  ready = false
  const away = await server.inject('/health/ready')
  t.equal(away.statusCode, 503)
  t.match(away.json(), { ready: false, adopted: true, clusters: [{ message: 'It is away.' }] })
})

t.test('readiness says that the disk is full, with its free bytes', { skip: noSmallDisk }, async t => {
  const scratchPath = smallDisk(t, 'size=1m')
  const { server, begin } = await scriptedApp(t, {}, { scratchPath })
  await begin()
  t.equal((await server.inject('/health/ready')).statusCode, 200)
  fill(join(scratchPath, 'filler'))
  await delay(150)
  const full = await server.inject('/health/ready')
  t.equal(full.statusCode, 503)
  t.strictSame(full.json().disk, {
    full: true,
    freeBytes: 0,
    message: `The disk of the scratch path ${scratchPath} (Launcher.ScratchPath) is full: 0 bytes are free.`
  })
  t.match((await server.inject('/metrics')).body, /^job_launcher_scratch_path_free_bytes 0$/m)
  rmSync(join(scratchPath, 'filler'))
  await delay(150)
  t.equal((await server.inject('/health/ready')).statusCode, 200)
})

t.test('metrics are text for Prometheus', async t => {
  const { server } = await scriptedApp(t)
  const reply = await server.inject('/metrics')
  t.match(reply.headers['content-type'], /^text\/plain; version=/)
  t.match(reply.body, /^# HELP job_launcher_jobs /m)
})
