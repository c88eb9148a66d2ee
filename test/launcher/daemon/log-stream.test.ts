import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openLogStream } from '../../../launcher/daemon/log-stream.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

/** Returns a descriptor for writing to a FIFO that no process reads. */
async function fifo (t: Test): Promise<number> {
  const path = join(await temporaryFolder(t), 'fifo')
  await once(spawn('mkfifo', [path]), 'exit')
  const writer = openSync(path, 'r+')
  t.teardown(() => closeSync(writer))
  return writer
}

t.test('lines reach a file in order, and all of them are written when the stream is drained', async t => {
  const path = join(await temporaryFolder(t), 'log')
  const file = openSync(path, 'a')
  t.teardown(() => closeSync(file))
  const stream = openLogStream(file)
  for (let at = 0; at < 1000; at++) stream.write(`${at}\n`)
  await stream.drained(5000)
  t.strictSame(readFileSync(path, 'utf8').trimEnd().split('\n'), Array.from({ length: 1000 }, (_, at) => String(at)))
  t.equal(stream.dropped(), 0)
  stream.write('a\n')
  stream.write('b\n')
  stream.flush()
  await delay(50)
  t.match(readFileSync(path, 'utf8'), /\n999\n(a\nb|b\na)\n$/, 'flush writes the rest at once')
})

t.test('a full disk loses only lines beyond the limit', async t => {
  const full = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(full))
  const stream = openLogStream(full, { limit: 100, retryMs: 5 })
  for (let at = 0; at < 30; at++) stream.write('123456789\n')
  t.equal(stream.dropped(), 20)
  const began = Date.now()
  await stream.drained(50)
  t.ok(Date.now() - began < 1000, 'the wait for the last lines ends')
  stream.flush()
})

t.test('a full pipe loses lines, and one line in their place reports their number', async t => {
  const writer = await fifo(t)
  const stream = openLogStream(writer, { limit: 1000, retryMs: 5 })
  const line = 'x'.repeat(99) + '\n'
  for (let at = 0; at < 1000; at++) stream.write(line)
  const dropped = stream.dropped()
  t.ok(dropped > 0)
  stream.flush()
  await delay(20)
  t.equal(stream.dropped(), dropped, 'nothing is written while the pipe is full')
  const child = spawn('cat', [], { stdio: [writer, 'pipe', 'ignore'] })
  t.teardown(() => { child.kill('SIGKILL') })
  let text = ''
  child.stdout!.on('data', data => { text += data })
  while (!text.includes('dropped')) await delay(5)
  stream.write('after\n')
  while (!text.endsWith('after\n')) await delay(5)
  const lines = text.trimEnd().split('\n')
  t.equal(lines.length, 1000 - dropped + 2)
  t.match(JSON.parse(lines.at(-2)!), { level: 40, pid: process.pid, lines: dropped, msg: 'log lines dropped' })
})
