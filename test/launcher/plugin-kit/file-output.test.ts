import { appendFileSync, chownSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { collect as collectChunks } from '../../fixtures/collect.ts'
import { leaseHolder } from '../../fixtures/lease-holder.ts'
import type { OutputRequest } from '../../../launcher/plugin.ts'
import { createFileWatcher } from '../../../launcher/plugin-kit/file-watcher.ts'
import { openFileOutput, type OutputFile } from '../../../launcher/plugin-kit/file-output.ts'
import { createUserFileReader, type UserFile } from '../../../launcher/plugin-kit/user-file.ts'
import { createSharedReads, CHUNK_BYTES } from '../../../launcher/plugin-kit/shared-reads.ts'

const userFiles = createUserFileReader()
const asUser = (path: string): Pick<OutputFile, 'openAsUser'> => ({
  openAsUser: offset => userFiles.open(path, offset, { become: [] })
})

function sourceOf (folder: string, chosen = false) {
  const fileWatcher = createFileWatcher()
  const listeners = new Set<() => void>()
  let ended = false
  return {
    files: (['stdout', 'stderr'] as const).map((stream): OutputFile => ({
      stream,
      path: `${folder}/${stream}`,
      ...(chosen && asUser(`${folder}/${stream}`))
    })),
    fileWatcher,
    sharedReads: createSharedReads(),
    isEnded: () => ended,
    onEnd (listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    listeners,
    end () {
      ended = true
      for (const listener of listeners) listener()
    }
  }
}

function request (more: Partial<OutputRequest> = {}): OutputRequest {
  return {
    stream: 'stdout',
    from: { stdout: 0, stderr: 0 },
    follow: false,
    signal: new AbortController().signal,
    ...more
  }
}

async function collect (source: ReturnType<typeof sourceOf>, more?: Partial<OutputRequest>): Promise<string> {
  let text = ''
  for await (const { stream, offset, data } of await openFileOutput(source, request(more))) {
    text += `${stream}@${offset}:${Buffer.from(data)};`
  }
  return text
}

t.test('a file is read in chunks without gap or overlap', async t => {
  const folder = t.testdir()
  const content = Buffer.alloc(2 * CHUNK_BYTES + 10, 'abc')
  writeFileSync(`${folder}/stdout`, content)
  const chunks = []
  for await (const chunk of await openFileOutput(sourceOf(folder), request())) chunks.push(chunk)
  t.same(
    chunks.map(({ offset, data }) => [offset, data.length]),
    [
      [0, CHUNK_BYTES],
      [CHUNK_BYTES, CHUNK_BYTES],
      [2 * CHUNK_BYTES, 10]
    ]
  )
  t.ok(Buffer.concat(chunks.map(({ data }) => data)).equals(content))
})

t.test('both streams are read together', async t => {
  const source = sourceOf(t.testdir({ stdout: 'out', stderr: 'err' }))
  t.equal(await collect(source, { stream: 'both', from: { stdout: 1, stderr: 0 } }), 'stdout@1:ut;stderr@0:err;')
})

t.test("a mixed file is read for any requested stream, from that stream's offset", async t => {
  const mixed = (folder: string) => ({
    ...sourceOf(folder),
    files: [{ stream: 'mixed' as const, path: `${folder}/output` }]
  })
  const source = mixed(t.testdir({ output: '12345' }))
  const from = { stdout: 1, stderr: 3 }
  t.equal(await collect(source, { stream: 'both', from }), 'mixed@1:2345;')
  t.equal(await collect(source, { stream: 'stdout', from }), 'mixed@1:2345;')
  t.equal(await collect(source, { stream: 'stderr', from }), 'mixed@3:45;')
  await t.rejects(collect(source, { stream: 'both', from: { stdout: 6, stderr: 0 } }), {
    code: 'OutputOffsetPastEnd',
    message: 'The offset 6 is past the end of the output, which has 5 bytes.',
    details: { stream: 'mixed', offset: 6, size: 5 }
  })
  const folder = t.testdir({ real: '' })
  symlinkSync(`${folder}/real`, `${folder}/output`)
  await t.rejects(collect(mixed(folder)), {
    code: 'OutputNotReadable',
    message: `The file ${folder}/output that keeps the output is a symbolic link.`
  })
})

for (const who of ['the launcher', 'the job']) {
  t.test(`a follower of a file that ${who} chose gets everything written until the job has ended`, async t => {
    const folder = t.testdir({ stdout: 'a', stderr: '' })
    const source = sourceOf(folder, who === 'the job')
    const output = (await openFileOutput(source, request({ follow: true })))[Symbol.asyncIterator]()
    t.equal(String(Buffer.from((await output.next()).value!.data)), 'a')
    const next = output.next()
    appendFileSync(`${folder}/stdout`, 'b')
    t.equal(String(Buffer.from((await next).value!.data)), 'b')
    const last = output.next()
    appendFileSync(`${folder}/stdout`, 'c')
    source.end()
    t.equal(String(Buffer.from((await last).value!.data)), 'c')
    t.match(await output.next(), { done: true })
    t.equal(source.listeners.size, 0, 'no listener is left')
  })
}

t.test('an abort ends a follower that waits', async t => {
  const source = sourceOf(t.testdir({ stdout: '' }))
  const reading = new AbortController()
  const output = (await openFileOutput(source, request({ follow: true, signal: reading.signal })))[
    Symbol.asyncIterator
  ]()
  const next = output.next()
  setImmediate(() => reading.abort())
  t.match(await next, { done: true })
  t.equal(source.listeners.size, 0)
})

t.test('a missing file is empty', async t => {
  const source = sourceOf(t.testdir())
  t.equal(await collect(source), '')
  await t.rejects(collect(source, { from: { stdout: 1, stderr: 0 } }), {
    code: 'OutputOffsetPastEnd',
    details: { offset: 1, size: 0 }
  })
})

t.test('an offset past the end is refused with the size', async t => {
  const source = sourceOf(t.testdir({ stdout: '12345' }))
  for (const follow of [false, true]) {
    await t.rejects(collect(source, { follow, from: { stdout: 6, stderr: 0 } }), {
      code: 'OutputOffsetPastEnd',
      details: { stream: 'stdout', offset: 6, size: 5 }
    })
  }
})

t.test("an output file chosen by the job must be regular, not a link, and its user's", async t => {
  const folder = t.testdir({ real: 'secret', fine: 'x' })
  symlinkSync(`${folder}/real`, `${folder}/stdout`)
  await t.rejects(collect(sourceOf(folder, true)), {
    code: 'OutputNotReadable',
    message: /that the job specifies for stdout is a symbolic link/
  })
  execFileSync('mkfifo', [`${folder}/stderr`])
  await t.rejects(collect(sourceOf(folder, true), { stream: 'stderr' }), {
    code: 'OutputNotReadable',
    message: /regular file/
  })
  const regular = {
    ...sourceOf(folder),
    files: [{ stream: 'stdout' as const, path: `${folder}/fine`, ...asUser(`${folder}/fine`) }]
  }
  t.equal(await collect(regular), 'stdout@0:x;')
  if (process.getuid!() !== 0) return
  chownSync(`${folder}/fine`, 1, 1)
  await t.rejects(collect(regular), { code: 'OutputNotReadable', message: /belongs to another user/ })
})

/** A source of files that the job chose. `open` has those that are open; `opened` counts all. */
function countingSource (folder: string) {
  const open = new Set<UserFile>()
  const counts = { open, opened: 0 }
  const source = sourceOf(folder, true)
  const files = source.files.map((file): OutputFile => ({
    ...file,
    async openAsUser (offset) {
      const userFile = await file.openAsUser!(offset)
      if (userFile === undefined) return
      open.add(userFile)
      counts.opened++
      const read = async () => {
        const data = await userFile.read()
        if (data.length === 0) open.delete(userFile)
        return data
      }
      const close = () => {
        open.delete(userFile)
        userFile.close()
      }
      return { ...userFile, read, close }
    }
  }))
  return { counts, source: { ...source, files } }
}

t.test('a file that the job chose is opened once for a request, by one process', async t => {
  const { counts, source } = countingSource(t.testdir({ stdout: 'out', stderr: 'err' }))
  t.equal(await collect(source, { stream: 'both', from: { stdout: 1, stderr: 0 } }), 'stdout@1:ut;stderr@0:err;')
  t.strictSame([counts.opened, counts.open.size], [2, 0])
})

t.test('a file that the job chose is closed if its output is never read', async t => {
  const folder = t.testdir({ stdout: 'x'.repeat(1_000_000), stderr: 'x' })
  const { counts, source } = countingSource(folder)
  await t.rejects(openFileOutput(source, request({ stream: 'both', from: { stdout: 0, stderr: 2 } })), {
    code: 'OutputOffsetPastEnd', details: { stream: 'stderr' }
  })
  t.equal(counts.open.size, 0, 'the other file has a wrong offset')
  const reading = new AbortController()
  const output = await openFileOutput(source, request({ signal: reading.signal }))
  t.equal(counts.open.size, 1)
  reading.abort()
  t.equal(counts.open.size, 0, 'the client disconnected')
  t.same(await collectChunks(output), [], 'nothing is read after that')
  await openFileOutput(source, request({ signal: AbortSignal.abort() }))
  t.equal(counts.open.size, 0, 'the client had disconnected before')
})

t.test('a follower of a job that never started ends with the job, and one of a job with output does not', async t => {
  const ended = new AbortController()
  const source = sourceOf(t.testdir())
  const reading = collect(source, { follow: true, ended: ended.signal })
  ended.abort()
  t.equal(await reading, '')
  t.equal(await collect(source, { follow: true, ended: ended.signal }), '')

  const written = sourceOf(t.testdir({ stdout: 'out' }))
  const late = collect(written, { follow: true, ended: ended.signal })
  await new Promise(resolve => setTimeout(resolve, 50))
  appendFileSync(written.files[0]!.path, 'more')
  written.end()
  t.match(await late, /^stdout@0:out(;stdout@3:)?more;$/)
})

t.test('a file on which a process has a lease is not waited for', async t => {
  const folder = t.testdir({ stdout: 'text' })
  await leaseHolder(t, `${folder}/stdout`)
  const began = performance.now()
  await t.rejects(collect(sourceOf(folder)), { code: 'OutputNotReadable', message: /has a lease on it/ })
  t.ok(performance.now() - began < 5000, 'the kernel waits for 45 s')
})

t.test('two streams change at the end of a line, and each byte is read once, also in files of the job', async t => {
  for (const chosen of [false, true]) {
    const folder = t.testdir()
    const lines = (letter: string) =>
      Array.from({ length: 400 }, (_, index) => letter.repeat(1 + index * 7919 % 4000) + '\n').join('')
    const long = `${'e'.repeat(300_000)}\n`
    const written = { stdout: lines('o'), stderr: `${lines('e')}${long}${lines('e')}`, mixed: '' }
    for (const stream of ['stdout', 'stderr'] as const) writeFileSync(`${folder}/${stream}`, written[stream])
    const read = { stdout: '', stderr: '', mixed: '' }
    let all = ''
    let changes = 0
    let last = ''
    const source = sourceOf(folder, chosen)
    for await (const { stream, offset, data } of await openFileOutput(source, request({ stream: 'both' }))) {
      const text = Buffer.from(data).toString()
      t.equal(offset, read[stream].length)
      read[stream] += text
      all += text
      if (stream !== last) changes += 1
      last = stream
    }
    t.strictSame(read, written)
    t.strictSame(all.split('\n').filter(line => line.includes('o') && line.includes('e')), [])
    t.ok(changes > 10, 'the streams take turns')
  }
})
