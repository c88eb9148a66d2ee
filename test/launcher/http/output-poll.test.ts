import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MAX_PART_BYTES } from '../../../launcher/http/output-poll.ts'
import { openFileOutput, type OutputFile } from '../../../launcher/plugin-kit/file-output.ts'
import { createFileWatcher } from '../../../launcher/plugin-kit/file-watcher.ts'
import { createSharedReads } from '../../../launcher/plugin-kit/shared-reads.ts'
import type { OutputRequest } from '../../../launcher/plugin.ts'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { readInParts } from '../../fixtures/read-in-parts.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

type Kind = 'separate' | 'mixed'

/** A running job of the real launcher, whose output is in real files that the test writes. */
async function scene (t: Test, kind: Kind = 'separate') {
  const folder = await temporaryFolder(t)
  const names = kind === 'mixed' ? ['mixed'] as const : ['stdout', 'stderr'] as const
  const files: OutputFile[] = names.map(stream => ({ stream, path: join(folder, stream) }))
  for (const { path } of files) writeFileSync(path, '')
  const fileWatcher = createFileWatcher()
  const sharedReads = createSharedReads()
  const asked: OutputRequest[] = []
  const app = await scriptedApp(t, {
    capabilities: { operations: ['kill'], unsupportedFields: [], output: kind, limits: [] },
    async output (_job, wanted) {
      asked.push(wanted)
      return await openFileOutput({
        files,
        fileWatcher,
        sharedReads,
        isEnded: () => wanted.ended?.aborted === true,
        onEnd (listener) {
          wanted.ended?.addEventListener('abort', listener)
          return () => wanted.ended?.removeEventListener('abort', listener)
        }
      }, wanted)
    }
  })
  const { job: { id } } = await app.jobs.submit({ name: 'n', command: 'true' }, HOST)
  for await (const [job] of jobsOf(app.jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  const socketPath = join(folder, 'l.sock')
  await app.server.listen({ path: socketPath })
  const get = async (query: string) => {
    const { statusCode, headers, body } = await app.server.inject(`/v1/jobs/${id}/output?wait=output&${query}`)
    return { status: statusCode, body, position: headers['output-position'], complete: headers['output-complete'] }
  }
  const write = (stream: string, text: string): void => appendFileSync(join(folder, stream), text)
  return { ...app, id, asked, get, write, socketPath, output: `/v1/jobs/${id}/output?stream=both` }
}

/** Resolves when the request has looked at the files, and waits for them to grow. */
async function untilWaiting (asked: OutputRequest[]): Promise<void> {
  while (asked.at(-1)?.follow !== true) await new Promise(resolve => setImmediate(resolve))
}

t.test('a part has what there is, and the next one what was written after its position', async t => {
  const { get, write, jobs, id } = await scene(t)
  write('stdout', 'one\n')
  write('stderr', 'E')
  t.strictSame(await get(''), { status: 200, body: 'one\nE', position: '4,1', complete: 'false' })
  t.strictSame(await get('from=4,1&timeoutSeconds=0'), { status: 200, body: '', position: '4,1', complete: 'false' })
  write('stderr', 'rror')
  t.strictSame(await get('from=4,1'), { status: 200, body: 'rror', position: '4,5', complete: 'false' })
  await jobs.control(id, 'kill')
  await jobs.whenEnded(id, new AbortController().signal)
  t.strictSame(await get('from=4,5'), { status: 200, body: '', position: '4,5', complete: 'true' })
  t.match(await get('from=4,6'), { status: 416, body: /OutputOffsetPastEnd/ })
})

t.test('a request waits for output, for the end of the job, or until its time is over', async t => {
  const { get, write, asked, jobs, id } = await scene(t, 'mixed')
  const forOutput = get('')
  await untilWaiting(asked)
  write('mixed', 'later')
  t.match(await forOutput, { body: 'later', position: '5', complete: 'false' })
  const alive = setInterval(() => {}, 1000)
  t.match(await get('from=5&timeoutSeconds=1'), { body: '', position: '5', complete: 'false' })
  clearInterval(alive)
  const forEnd = get('from=5')
  await untilWaiting(asked)
  await jobs.control(id, 'kill')
  t.match(await forEnd, { body: '', position: '5', complete: 'true' })
})

t.test('a wait from the last lines continues where they were, and loses nothing that is written meanwhile', async t => {
  const { get, write, asked } = await scene(t)
  write('stdout', 'old\n')
  const waiting = get('tail=0')
  await untilWaiting(asked)
  t.match(asked.at(-1), { from: { stdout: 4, stderr: 0 }, tailLines: undefined })
  write('stdout', 'new\n')
  t.match(await waiting, { body: 'new\n', position: '8,0' })
  t.match(await get('tail=1'), { body: 'new\n', position: '8,0' })
})

t.test('a part is never larger than its limit, and the part after it goes on at the next byte', async t => {
  const { get, write } = await scene(t, 'mixed')
  write('mixed', 'x'.repeat(MAX_PART_BYTES) + 'end')
  const first = await get('')
  t.equal(first.body.length, MAX_PART_BYTES)
  t.match(await get(`from=${first.position}`), { body: 'end', complete: 'false' })
})

/** Writes to both streams of an ended job, and reads them in parts. */
async function allParts (t: Test, written: Readonly<Record<'stdout' | 'stderr', string>>): Promise<string> {
  const { get, write, jobs, id } = await scene(t)
  for (const stream of ['stdout', 'stderr'] as const) write(stream, written[stream])
  await jobs.control(id, 'kill')
  await jobs.whenEnded(id, new AbortController().signal)
  let all = ''
  for (let from: unknown = '0', complete = false; !complete;) {
    const part = await get(`from=${String(from)}`)
    if (part.status !== 200 || part.body.length > MAX_PART_BYTES) throw new Error(`${part.status}: ${part.body}`)
    if (part.complete === 'false') t.ok(part.body.length > MAX_PART_BYTES / 2, 'a part is not small')
    all += part.body
    complete = part.complete === 'true'
    from = part.position
  }
  return all
}

t.test('parts of two streams change the stream only at the end of a line of at most 384 KiB', async t => {
  const lines = (letter: string, most: number) =>
    Array.from({ length: 2_000_000 / most }, (_, index) => letter.repeat(1 + index * 7919 % (2 * most)) + '\n').join('')
  const written = {
    stdout: lines('o', 1000) + ('o'.repeat(390_000) + '\n').repeat(3) + lines('o', 1000),
    stderr: lines('e', 3000) + ('e'.repeat(390_000) + '\n').repeat(5)
  }
  const all = (await allParts(t, written)).split('\n')
  for (const [letter, text] of [['o', written.stdout], ['e', written.stderr]] as const) {
    t.ok(all.filter(line => line.startsWith(letter)).join('\n') === text.trimEnd(), 'each line is of one stream')
  }
})

t.test('a line that no part can have as a whole does not hold up either stream', async t => {
  const written = { stdout: 'o\n'.repeat(1_000_000) + 'o'.repeat(2_500_000), stderr: 'e'.repeat(5_000_000) }
  const all = await allParts(t, written)
  t.equal(all.replaceAll('e', ''), written.stdout)
  t.equal(all.length, written.stdout.length + written.stderr.length)
})

const letters = (number: number): string =>
  Array.from(String(number), digit => 'ABCDFGHIJK'[Number(digit)]).join('')

for (const kind of ['separate', 'mixed'] as const) {
  t.test(`each byte of ${kind} output arrives once over connections that break at random bytes`, async t => {
    const { jobs, id, write, socketPath, output } = await scene(t, kind)
    const reading = readInParts(socketPath, output)
    const written = { stdout: '', stderr: '', mixed: '' }
    for (let index = 0; index < 120; index++) {
      const stream = kind === 'mixed' ? 'mixed' : index % 3 === 0 ? 'stderr' : 'stdout'
      const filler = (stream === 'stderr' ? 'E' : 'o').repeat(1 + Math.floor(Math.random() * 60_000))
      const text = filler + (stream === 'stderr' ? letters(index) : index)
      written[stream] += text
      write(stream, text)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await jobs.control(id, 'kill')
    const { data, cuts } = await reading
    if (kind === 'mixed') t.ok(data.equals(Buffer.from(written.mixed)))
    else {
      const text = data.toString('latin1')
      t.ok(text.replace(/[^o0-9]/g, '') === written.stdout)
      t.ok(text.replace(/[o0-9]/g, '') === written.stderr)
    }
    t.ok(cuts > 0, `${cuts} replies were cut`)
  })
}

t.test('a launcher that stops refuses the requests that wait for output', async t => {
  const { get, asked, close } = await scene(t)
  const waiting = get('timeoutSeconds=300')
  await untilWaiting(asked)
  await close(100)
  t.match(await waiting, { status: 503, body: /ShuttingDown/ })
})

t.test('a client that goes away while it waits ends the read', async t => {
  const { asked, socketPath, output } = await scene(t)
  const sent = request({ socketPath, path: `${output}&wait=output&timeoutSeconds=300`, agent: false }).end()
  sent.on('error', () => {})
  await untilWaiting(asked)
  const { signal } = asked.at(-1)!
  sent.destroy()
  await once(signal, 'abort')
  t.ok(signal.aborted)
})

t.test('bytes without wait have the position as a trailer of a body that ends properly', async t => {
  const { jobs, id, write, socketPath, output } = await scene(t)
  write('stdout', 'one\n')
  write('stderr', 'E')
  const trailerOf = async (query: string, end: () => Promise<unknown>) => {
    const sent = request({ socketPath, path: `${output}${query}`, agent: false }).end()
    const [reply] = await once(sent, 'response') as [IncomingMessage]
    await end()
    await once(reply.resume(), 'end')
    return reply.trailers['output-position']
  }
  t.equal(await trailerOf('', async () => {}), '4,1')
  t.equal(await trailerOf('&from=1,0&follow=true', () => jobs.control(id, 'kill')), '4,1')
})
