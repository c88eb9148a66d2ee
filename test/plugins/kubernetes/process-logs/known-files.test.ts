import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { createFileWatcher } from '../../../../launcher/plugin-kit/file-watcher.ts'
import { openFileOutput } from '../../../../launcher/plugin-kit/file-output.ts'
import { createSharedReads } from '../../../../launcher/plugin-kit/shared-reads.ts'
import { createJobLogs, type JobLogs } from '../../../../plugins/kubernetes/process-logs/job-logs.ts'
import { replaced, type KnownFiles } from '../../../../plugins/kubernetes/process-logs/known-files.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const ID = 'a1'
const JOB = sampleJob({ id: ID })

async function scene (t: Test) {
  const root = await temporaryFolder(t)
  const scratchPath = await temporaryFolder(t)
  const open = (instance = 'c0ffee000000'): JobLogs => {
    const logs = createJobLogs({
      config: { mode: 'auto', dataPath: root, folder: 'process-logs' },
      scratchPath,
      instance,
      cluster: 'Kubernetes',
      log: pino({ level: 'silent' }),
      onOverLimit () {},
      onUsable () {}
    })
    t.teardown(logs.close)
    return logs
  }
  return { root, open }
}

async function read (logs: JobLogs, offset = 0): Promise<string> {
  const buffer = Buffer.from(new SharedArrayBuffer(100))
  const count = await logs.files(JOB)[0]!.remote!.read(() => buffer, 100, offset)
  return buffer.toString('latin1', 0, count)
}

const keeps = { showsOnOpen: async () => true }

t.test('a file is known by its first look, and is another one if its inode differs', async t => {
  const known: KnownFiles = {}
  const inode = 2n ** 63n
  for (const [found, is] of [
    [undefined, false],
    [{ size: 3, inode }, false],
    [undefined, false],
    [{ size: 9, inode }, false],
    [{ size: 9, inode: inode + 1n }, true],
    [{ size: 9, inode }, false]
  ] as const) t.equal(await replaced(known, 'stdout', found, keeps), is)
  t.equal(await replaced(known, 'stderr', { size: 0, inode: 1n }, keeps), false, 'each stream has its own')
})

t.test('another inode is no other file where the file system may number a file anew', async t => {
  const known: KnownFiles = { stdout: 1n }
  t.equal(await replaced(known, 'stdout', { size: 1, inode: 2n }, { showsOnOpen: async () => false }), false)
})

t.test('another file in the place of one is reported and not read, though it is longer', async t => {
  const { root, open } = await scene(t)
  for (const wasRead of [true, false]) {
    const logs = open()
    await logs.create(ID)
    const path = join(root, logs.folderOf(ID)!, 'stdout')
    appendFileSync(path, 'hello')
    if (wasRead) t.equal(await read(logs), 'hello')
    renameSync(path, `${path}-kept`)
    t.equal(await read(logs, 5), '', 'a file that is missing may come back')
    renameSync(`${path}-kept`, path)
    t.equal(await logs.truncationOf(JOB), undefined)
    renameSync(path, `${path}-kept`)
    writeFileSync(path, 'other output')
    await t.rejects(read(logs, 5), { code: 'ESTALE' })
    await t.rejects(logs.files(JOB)[0]!.remote!.size(), { code: 'ESTALE', message: 'another file is in its place' })
    t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
    const next = open()
    t.equal(await read(next), 'other output', 'after a restart the first look counts')
    t.equal(await next.truncationOf(JOB), undefined)
    await logs.remove(ID)
  }
})

t.test('a file that was replaced before the launcher read any of it is reported at the end of the job', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const path = join(root, logs.folderOf(ID)!, 'stderr')
  renameSync(path, `${path}-kept`)
  writeFileSync(path, 'other output')
  t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
})

t.test('a follower gets no bytes of another file after those of the first, also of the job of another launcher',
  async t => {
    const { root, open } = await scene(t)
    for (const isOwn of [true, false]) {
      const logs = open()
      await logs.create(ID)
      const folder = logs.folderOf(ID)!
      const path = join(root, folder, 'stdout')
      writeFileSync(path, 'hello')
      const source = {
        files: isOwn ? logs.files(JOB) : open('other').foreignFiles(JOB, folder),
        fileWatcher: createFileWatcher(),
        sharedReads: createSharedReads(),
        isEnded: () => false,
        onEnd: () => () => {}
      }
      const { signal } = new AbortController()
      const request = { stream: 'stdout', follow: true, from: { stdout: 0, stderr: 0 }, signal } as const
      const chunks = (await openFileOutput(source, request))[Symbol.asyncIterator]()
      t.equal(String(Buffer.from((await chunks.next()).value!.data)), 'hello')
      renameSync(path, `${path}-kept`)
      writeFileSync(path, 'other output')
      await t.rejects(chunks.next(), {
        code: 'OutputNotReadable',
        message: `The file ${path} that keeps stdout cannot be read: another file is in its place.`
      })
      await logs.remove(ID)
    }
  })
