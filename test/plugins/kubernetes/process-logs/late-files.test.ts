// The process logs on a file system that shows late what the pods write, fails or hangs.

import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { OutputRequest } from '../../../../launcher/plugin.ts'
import { createFileWatcher } from '../../../../launcher/plugin-kit/file-watcher.ts'
import { openFileOutput, type OutputSource } from '../../../../launcher/plugin-kit/file-output.ts'
import { createSharedReads } from '../../../../launcher/plugin-kit/shared-reads.ts'
import { createJobLogs } from '../../../../plugins/kubernetes/process-logs/job-logs.ts'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { createLogFolder } from '../../../../plugins/kubernetes/process-logs/log-folder.ts'
import { hang, noHungFileSystem } from '../../../faults/hung-file-system.ts'
import { mountLate, type LateFileSystem, type Lateness } from '../../../faults/late-file-system.ts'
import { sampleSubmission } from '../../../fixtures/sample-submission.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const ID = 'a1'
const FOLDER = `process-logs/${ID}-${'0a'.repeat(16)}`
/** The longest interval between two reads of a follower. */
const POLL_MS = 1000
/** Beside which the machine may be slow. */
const SLOW_MS = 1500
const TIMEOUT_MS = 5000

const skip = noHungFileSystem

interface Scene {
  /** Writes as a pod, which has its own view of the file system. */
  write (stream: 'stdout' | 'stderr', text: string): void
  /** The folder of the job as the pod sees it. */
  readonly folder: string
  readonly source: OutputSource
  readonly late?: LateFileSystem
  readonly follow: (more?: Partial<OutputRequest>) => AsyncGenerator<string>
  /** Ends the job: the launcher observed the end of the container. */
  end (): void
}

async function scene (t: Test, lateness?: Lateness): Promise<Scene> {
  const data = await temporaryFolder(t)
  const mounted = lateness === undefined ? data : await temporaryFolder(t)
  createLogFolder(data, FOLDER)
  const late = lateness === undefined ? undefined : await mountLate(t, data, mounted, lateness)
  const logs = createJobLogs({
    config: { mode: 'data', dataPath: mounted, folder: 'process-logs' },
    scratchPath: await temporaryFolder(t),
    instance: 'c0ffee000000',
    cluster: 'Kubernetes',
    log: pino({ level: 'silent' }),
    onOverLimit () {},
    onUsable () {},
    open: root => createLogFiles(root, TIMEOUT_MS)
  })
  logs.confirm(ID, FOLDER)
  t.teardown(logs.close)
  const listeners = new Set<() => void>()
  let endedAt: number | undefined
  const source: OutputSource = {
    files: logs.files({ id: ID, submission: sampleSubmission() }),
    fileWatcher: createFileWatcher(),
    sharedReads: createSharedReads(),
    isEnded: () => endedAt !== undefined,
    sinceEndMs: () => performance.now() - endedAt!,
    onEnd (listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
  t.teardown(() => source.fileWatcher.close())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  return {
    ...(late !== undefined && { late }),
    source,
    folder: join(data, FOLDER),
    write: (stream, text) => appendFileSync(join(data, FOLDER, stream), text),
    end () {
      endedAt = performance.now()
      for (const listener of listeners) listener()
    },
    async * follow (more = {}) {
      const request: OutputRequest = {
        stream: 'both',
        from: { stdout: 0, stderr: 0 },
        follow: true,
        signal: new AbortController().signal,
        ...more
      }
      for await (const { stream, offset, data } of await openFileOutput(source, request)) {
        yield `${stream}@${offset}:${String(Buffer.from(data))}`
      }
    }
  }
}

/** Joins the chunks of each stream, and checks that each begins where the one before it ended. */
async function whole (t: Test, chunks: AsyncIterable<string>): Promise<{ stdout: string, stderr: string }> {
  const texts = { stdout: '', stderr: '' }
  for await (const chunk of chunks) {
    const [, stream, offset, text] = /^(stdout|stderr)@(\d+):([^]*)$/.exec(chunk) as unknown as
      [string, 'stdout' | 'stderr', string, string]
    t.equal(Number(offset), texts[stream].length)
    texts[stream] += text
  }
  return texts
}

for (const lateness of [{ cacheMs: 1000, lateMs: 0 }, { cacheMs: 0, lateMs: 1500 }, { cacheMs: 700, lateMs: 700 }]) {
  const name = `a cache of ${lateness.cacheMs} ms and bytes that are ${lateness.lateMs} ms late`

  t.test(`a follower gets both streams in time and to their end, with ${name}`, { skip }, async t => {
    const { write, follow, end } = await scene(t, lateness)
    const seen = new Map<string, number>()
    const written = new Map<string, number>()
    const followed = whole(t, (async function * () {
      for await (const chunk of follow()) {
        for (const line of chunk.split(/[:\n]/)) if (!seen.has(line)) seen.set(line, performance.now())
        yield chunk
      }
    })())
    const expected = { stdout: '', stderr: '' }
    for (let i = 0; i < 5; i++) {
      for (const stream of ['stdout', 'stderr'] as const) {
        const line = `${stream} ${i}`
        written.set(line, performance.now())
        write(stream, `${line}\n`)
        expected[stream] += `${line}\n`
      }
      await delay(500)
    }
    write('stdout', 'the last bytes')
    expected.stdout += 'the last bytes'
    end()
    t.strictSame(await followed, expected)
    const most = Math.max(...[...written].map(([line, at]) => seen.get(line)! - at))
    t.ok(most < lateness.cacheMs + lateness.lateMs + POLL_MS + SLOW_MS, `at most ${Math.round(most)} ms late`)
  })

  t.test(`output that is read once after the end of the job is whole, with ${name}`, { skip }, async t => {
    const { write, follow, end } = await scene(t, lateness)
    t.strictSame(await whole(t, follow({ follow: false })), { stdout: '', stderr: '' })
    write('stdout', 'written')
    end()
    t.strictSame(await whole(t, follow({ follow: false })), { stdout: 'written', stderr: '' })
  })
}

t.test('a follower that resumes goes on at its offsets', { skip }, async t => {
  const { write, follow, end } = await scene(t, { cacheMs: 300, lateMs: 300 })
  write('stdout', '0123456789')
  write('stderr', 'abc')
  await delay(1000)
  const first: string[] = []
  for await (const chunk of follow()) if (first.push(chunk) === 2) break
  t.strictSame(first, ['stdout@0:0123456789', 'stderr@0:abc'])
  write('stdout', 'rest')
  end()
  const rest: string[] = []
  for await (const chunk of follow({ from: { stdout: 10, stderr: 3 } })) rest.push(chunk)
  t.strictSame(rest, ['stdout@10:rest'])
})

t.test('the output on a local file system ends with the job, without a delay', async t => {
  const { write, follow, end } = await scene(t)
  write('stdout', 'all')
  end()
  const began = performance.now()
  t.strictSame(await whole(t, follow()), { stdout: 'all', stderr: '' })
  t.ok(performance.now() - began < 2000)
})

t.test('a follower of a file that became shorter waits for the end', async t => {
  const { write, follow, end, folder } = await scene(t)
  write('stdout', 'before')
  const followed: string[] = []
  for await (const chunk of follow()) {
    followed.push(chunk)
    truncateSync(join(folder, 'stdout'), 2)
    setTimeout(end, 300)
  }
  t.strictSame(followed, ['stdout@0:before'])
})

t.test('a follower of a file that is gone at the end of the job gets an error, and no end', async t => {
  for (const spoil of [
    (folder: string) => rmSync(join(folder, 'stdout')),
    (folder: string) => renameSync(folder, `${folder}-gone`)
  ]) {
    const { write, follow, end, folder } = await scene(t)
    write('stdout', 'before')
    const followed: string[] = []
    const reading = (async () => {
      for await (const chunk of follow()) {
        followed.push(chunk)
        spoil(folder)
        setTimeout(end, 300)
      }
    })()
    await t.rejects(reading, { code: 'OutputNotReadable' })
    t.strictSame(followed, ['stdout@0:before'])
  }
})

t.test('a follower of what is no file any more gets an error that says so', async t => {
  const spoilers: Array<[RegExp, (path: string) => void]> = [
    [/stdout cannot be read: ELOOP/, path => symlinkSync('/etc/passwd', path)],
    [/stdout is not a regular file/, path => execFileSync('mkfifo', [path])],
    [/stdout is not a regular file/, path => { mkdirSync(path) }]
  ]
  for (const [message, spoil] of spoilers) {
    const { write, follow, folder } = await scene(t)
    write('stdout', 'before')
    await t.rejects(async () => {
      for await (const chunk of follow()) {
        t.equal(chunk, 'stdout@0:before')
        rmSync(join(folder, 'stdout'))
        spoil(join(folder, 'stdout'))
      }
    }, { code: 'OutputNotReadable', message })
  }
})

t.test('a follower gets an error if the file system has one, and the next reader the output', { skip }, async t => {
  const { write, follow, late } = await scene(t, { cacheMs: 0, lateMs: 0 })
  write('stdout', 'before')
  await delay(200)
  await late!.fail(constants.errno.EIO)
  await t.rejects(whole(t, follow()), { code: 'OutputNotReadable', message: /cannot be read: EIO/ })
  await late!.fail(0)
  t.strictSame(await whole(t, follow({ follow: false })), { stdout: 'before', stderr: '' })
})

t.test('a file system that hangs is an error for a follower, and at once for later ones', { skip }, async t => {
  const { write, follow, late } = await scene(t, { cacheMs: 0, lateMs: 0 })
  write('stdout', 'before')
  await delay(200)
  const goOn = late!.hang()
  await t.rejects(whole(t, follow()), { code: 'OutputNotReadable', message: /did not answer within 5 s/ })
  const began = performance.now()
  await t.rejects(whole(t, follow()), { code: 'OutputNotReadable', message: /did not answer within 5 s/ })
  t.ok(performance.now() - began < TIMEOUT_MS / 2)
  goOn()
  const read = async (): Promise<unknown> => {
    try {
      return await whole(t, follow({ follow: false }))
    } catch {
      await delay(20)
      return await read()
    }
  }
  t.strictSame(await read(), { stdout: 'before', stderr: '' })
})

t.test('a process whose file system hangs can close the files and end', { skip }, async t => {
  const root = await temporaryFolder(t)
  hang(t, root)
  const program = join(await temporaryFolder(t), 'program.mjs')
  const module = JSON.stringify(join(import.meta.dirname, '../../../../plugins/kubernetes/process-logs/log-files.ts'))
  const cases: Array<[timeoutMs: number, beforeExit: string]> = [
    [TIMEOUT_MS / 2, 'console.log(await asked); await files.close()'],
    [TIMEOUT_MS / 2, 'console.log(await asked)'],
    [60_000, `setTimeout(files.close, ${TIMEOUT_MS / 2}); console.log(await asked)`]
  ]
  for (const [timeoutMs, beforeExit] of cases) {
    const text = `
      import { createLogFiles } from ${module}
      const files = createLogFiles(${JSON.stringify(root)}, ${timeoutMs})
      const asked = files.sizes('a').catch(error => error.code)
      ${beforeExit}
      process.exit(3)`
    writeFileSync(program, text)
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const said = child.stdout.setEncoding('utf8').toArray()
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
    t.strictSame(await once(child, 'exit'), [3, null])
    clearTimeout(late)
    t.equal((await said).join(''), 'ETIMEDOUT\n')
  }
})
