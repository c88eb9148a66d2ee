// What the launcher promises of its own log: it never waits for a reader and never fails, whatever standard error is.

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { fill } from './fill.ts'
import { place, start, type Place } from './launcher-process.ts'

const noMount = process.getuid!() === 0 ? false : 'only root can mount a small file system'
const TRACE = ['--set', 'LogLevel=trace']

/** Each request logs at least one line. */
async function requests ({ client }: Place, count: number): Promise<void> {
  for (let at = 0; at < count; at += 20) await Promise.all(Array.from({ length: 20 }, () => client.clusters()))
}

async function droppedLines ({ socket }: Place): Promise<number> {
  const { stdout } = spawnSync('curl', ['-s', '--unix-socket', socket, 'http://launcher/metrics'], { encoding: 'utf8' })
  return Number(/^job_launcher_log_lines_dropped_total (\d+)$/m.exec(stdout)?.[1])
}

t.test('a pipe without a reader does not stop the launcher; a line reports what was dropped', async t => {
  const here = place(t)
  const running = await start(t, here, { args: TRACE, stderr: 'unread' })
  let rounds = 0
  while (await droppedLines(here) === 0 && rounds < 60) {
    await requests(here, 200)
    rounds += 1
  }
  const dropped = await droppedLines(here)
  t.ok(dropped > 0, `${dropped} lines were dropped`)
  const job = await here.client.submit({ name: 'runs', command: 'exit 3' })
  t.match(await here.client.ended(job.id), { status: 'Finished', exitCode: 3 })

  let text = ''
  running.child.stderr!.on('data', data => { text += data })
  while (!text.includes('log lines dropped')) await delay(20)
  await requests(here, 1)
  await delay(300)
  const lines = text.trimEnd().split('\n').map(line => JSON.parse(line))
  const gaps = lines.filter(({ msg }) => msg === 'log lines dropped')
  t.equal(gaps.length, 1)
  t.ok(gaps[0].lines >= dropped, 'the line counts those before the job, too')
  t.match(lines.at(-1), { msg: 'request answered' }, 'the log continues')
  running.child.kill('SIGTERM')
  t.same(await running.exit, [0, null])
})

t.test('SIGTERM ends a launcher whose pipe has no reader', async t => {
  const here = place(t)
  const running = await start(t, here, { args: TRACE, stderr: 'unread' })
  await requests(here, 1000)
  const asked = Date.now()
  running.child.kill('SIGTERM')
  t.same(await running.exit, [0, null])
  t.ok(Date.now() - asked < 5000, `it ended after ${Date.now() - asked} ms`)
})

t.test('standard error on a full disk does not end the launcher, and the log continues', { skip: noMount }, async t => {
  const here = place(t)
  const disk = join(here.folder, 'disk')
  mkdirSync(disk)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk])
  t.teardown(() => { spawnSync('umount', ['-l', disk]) })
  fill(join(disk, 'full'))
  const log = openSync(join(disk, 'log'), 'a')
  const running = await start(t, here, { args: TRACE, stderr: log })
  closeSync(log)
  let rounds = 0
  while (await droppedLines(here) === 0 && rounds < 60) {
    await requests(here, 200)
    rounds += 1
  }
  t.ok(await droppedLines(here) > 0)
  const job = await here.client.submit({ name: 'runs', command: 'exit 3' })
  t.match(await here.client.ended(job.id), { status: 'Finished', exitCode: 3 })
  spawnSync('mount', ['-o', 'remount,size=8m', disk])
  rmSync(join(disk, 'full'))
  while (!readFileSync(join(disk, 'log'), 'utf8').includes('log lines dropped')) await delay(50)
  running.child.kill('SIGTERM')
  t.same(await running.exit, [0, null])
  const lines = readFileSync(join(disk, 'log'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))
  t.match(lines.at(-1), { msg: /stop/ }, 'every line is whole, the last one too')
})

t.test('a start that fails ends although the disk of standard error is full', { skip: noMount }, async t => {
  const here = place(t, { Nonsense: 'x' })
  const log = openSync('/dev/full', 'a')
  const failed = await start(t, here, { stderr: log }).then(
    () => undefined,
    error => error
  )
  closeSync(log)
  t.same(failed.exit, [78, null])
})

t.test('a reader that has gone does not end the launcher', async t => {
  const here = place(t)
  const running = await start(t, here, { args: TRACE, stderr: 'unread' })
  running.child.stderr!.destroy()
  await once(running.child.stderr!, 'close')
  await requests(here, 50)
  running.child.kill('SIGTERM')
  t.same(await running.exit, [0, null])
})
