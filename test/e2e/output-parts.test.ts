// Output of both streams, read part by part by clients that parse nothing, over cut connections and restarts.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { readInParts } from '../fixtures/read-in-parts.ts'
import { kill, place, start } from './launcher-process.ts'

/** Each stream has an alphabet of its own, so that its bytes can be told from those of the other. */
const NUMBERS = 400_000
const stdoutText = Array.from({ length: NUMBERS }, (_, number) => `${number}.`).join('')
const stderrText = stdoutText.replace(/[0-9.]/g, digit => digit === '.' ? 'z' : String.fromCharCode(97 + Number(digit)))

/** Writes both texts in pieces of random length, in random turns and with pauses. */
const WRITER = `
  const { readFileSync, writeSync } = require('node:fs')
  const texts = [readFileSync(process.argv[1]), readFileSync(process.argv[2])]
  const pause = new Int32Array(new SharedArrayBuffer(4))
  while (texts.some(text => text.length > 0)) {
    const index = Math.random() < 0.5 ? 0 : 1
    const written = writeSync(index + 1, texts[index].subarray(0, 1 + Math.floor(Math.random() * 40_000)))
    texts[index] = texts[index].subarray(written)
    if (Math.random() < 0.3) Atomics.wait(pause, 0, 0, 20)
  }`

function streamsOf (data: Buffer): { stdout: string, stderr: string } {
  const text = data.toString('latin1')
  return { stdout: text.replace(/[^0-9.]/g, ''), stderr: text.replace(/[0-9.]/g, '') }
}

async function scene (t: Parameters<typeof place>[0]) {
  const here = place(t)
  const launcher = await start(t, here)
  const files = [join(here.folder, 'stdout'), join(here.folder, 'stderr')] as const
  writeFileSync(files[0], stdoutText)
  writeFileSync(files[1], stderrText)
  const writes = (more: object = {}) =>
    here.client.submit({ name: 'writes', exe: process.execPath, args: ['-e', WRITER, ...files], ...more })
  return { here, launcher, writes }
}

t.test('each byte of both streams arrives once over cut connections, a killed and a stopped launcher', async t => {
  const { here, launcher, writes } = await scene(t)
  const { id } = await writes()
  const reading = readInParts(here.socket, `/v1/jobs/${id}/output?stream=both`)
  await delay(300)
  await kill(launcher)
  const second = await start(t, here)
  await delay(300)
  second.child.kill('SIGTERM')
  await second.exit
  await start(t, here)
  const { data, cuts, parts } = await reading
  const { stdout, stderr } = streamsOf(data)
  t.ok(stdout === stdoutText, 'standard output is whole')
  t.ok(stderr === stderrText, 'standard error is whole')
  t.ok(cuts > 1 && parts > 5, `${cuts} replies were cut, ${parts} were whole`)
})

t.test('each byte arrives once from files that the job chooses, and of one stream alone', async t => {
  const { here, writes } = await scene(t)
  const chosen = await writes({ stdoutFile: join(here.folder, 'chosen') })
  const [both, stderr] = await Promise.all(['both', 'stderr'].map(stream =>
    readInParts(here.socket, `/v1/jobs/${chosen.id}/output?stream=${stream}`)))
  t.ok(streamsOf(both!.data).stdout === stdoutText)
  t.ok(streamsOf(both!.data).stderr === stderrText)
  t.ok(stderr!.data.equals(Buffer.from(stderrText)))
})

t.test('the client of this package reads both streams part by part', async t => {
  const { here, writes } = await scene(t)
  const { id } = await writes()
  const pieces: Uint8Array[] = []
  for (let from: string | undefined; ;) {
    const { data, position, complete } = await here.client.outputPart(id, { from })
    pieces.push(data)
    from = position
    if (complete) break
  }
  const { stdout, stderr } = streamsOf(Buffer.concat(pieces))
  t.ok(stdout === stdoutText)
  t.ok(stderr === stderrText)
  t.ok(pieces.every(({ length }) => length <= 1_048_576))
})

t.test('the shell loop of the guide prints each byte once over a restart of the launcher', async t => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/embed-in-a-host.md'), 'utf8')
  const loop = /```sh\n(position=0\n[^`]*)```/.exec(guide)![1]!
  const { here, launcher, writes } = await scene(t)
  const { id } = await writes()
  const folder = join(here.folder, 'shell')
  mkdirSync(folder)
  const shell = spawn('/bin/sh', ['-c', loop], {
    cwd: folder, env: { PATH: process.env.PATH, SOCKET: here.socket, ID: id }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(shell, 'exit')
  const pieces: Buffer[] = []
  shell.stdout.on('data', piece => { pieces.push(piece) })
  const closed = once(shell.stdout, 'close')
  await once(shell.stdout, 'data')
  await kill(launcher)
  await start(t, here)
  t.equal((await exit)[0], 0)
  await closed
  const { stdout, stderr } = streamsOf(Buffer.concat(pieces))
  t.ok(stdout === stdoutText)
  t.ok(stderr === stderrText)

  const gone = spawn('/bin/sh', ['-c', loop], {
    cwd: folder, env: { PATH: process.env.PATH, SOCKET: here.socket, ID: '0'.repeat(26) }
  })
  let problem = ''
  gone.stderr.on('data', text => { problem += text })
  t.equal((await once(gone, 'exit'))[0], 1, 'a refusal ends the loop')
  t.match(problem, /JobNotFound/)
})
