import { EventEmitter } from 'node:events'
import { appendFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { createFileWatcher } from '../../../launcher/plugin-kit/file-watcher.ts'
import { createSharedReads } from '../../../launcher/plugin-kit/shared-reads.ts'
import type { Job, OutputRequest } from '../../../launcher/plugin.ts'
import { openOutput } from '../../../plugins/kubernetes/open-output.ts'
import { createSpool, spoolPath } from '../../../plugins/kubernetes/output/spool-file.ts'
import { createJobLogs } from '../../../plugins/kubernetes/process-logs/job-logs.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

async function scene (t: Test) {
  const [root, scratchPath] = [await temporaryFolder(t), await temporaryFolder(t)]
  const jobLogs = createJobLogs({
    config: { mode: 'auto', dataPath: root, folder: 'process-logs' },
    scratchPath,
    log: pino({ level: 'silent' }),
    onOverLimit () {},
    instance: 'c0ffee000000',
    cluster: 'Kubernetes',
    onUsable () {}
  })
  t.teardown(jobLogs.close)
  const fileWatcher = createFileWatcher()
  t.teardown(() => fileWatcher.close())
  const job: Job = { ...sampleJob(), status: 'Pending', submittedToBackend: false }
  const views = new Map<string, { processLogs?: string }>()
  const parts = {
    cache: { jobOf: (id: string) => views.get(id) },
    ended: new Map<string, number>(),
    ends: new EventEmitter(),
    fileWatcher,
    jobLogs,
    placed: new EventEmitter(),
    scratchPath,
    sharedReads: createSharedReads()
  }
  const aborted = new AbortController()
  const ended = new AbortController()
  const read = async (stream: OutputRequest['stream'], follow: boolean): Promise<string> => {
    const request = { stream, follow, from: { stdout: 0, stderr: 0 }, signal: aborted.signal, ended: ended.signal }
    let text = ''
    for await (const { data } of await openOutput(job, request, parts as never)) text += Buffer.from(data).toString()
    return text
  }
  const end = (): void => {
    parts.ended.set(job.id, performance.now())
    parts.ends.emit(job.id)
    ended.abort()
  }
  const place = (processLogs?: string): void => {
    views.set(job.id, processLogs === undefined ? {} : { processLogs })
    parts.placed.emit(job.id)
  }
  return { root, scratchPath, jobLogs, job, parts, read, end, place, ended, aborted }
}

t.test('a follower of a job that has not started gets the output from the place that its start decides', async t => {
  const { root, jobLogs, job, read, end, place } = await scene(t)
  const [stdout, stderr] = [read('stdout', true), read('stderr', true)]
  await jobLogs.create(job.id)
  const folder = jobLogs.folderOf(job.id)!
  appendFileSync(join(root, folder, 'stdout'), 'out')
  appendFileSync(join(root, folder, 'stderr'), 'err')
  place(folder)
  end()
  t.strictSame([await stdout, await stderr], ['out', 'err'])
})

t.test('a follower of a job that gets a log of its node reads that', async t => {
  const { scratchPath, job, read, end, place, parts } = await scene(t)
  const both = read('both', true)
  await createSpool(scratchPath, job.id)
  appendFileSync(spoolPath(scratchPath, job.id), 'mixed')
  parts.placed.emit(job.id)
  place()
  end()
  t.equal(await both, 'mixed')
})

t.test('a follower of a job that never starts ends with the job, or when it is aborted', async t => {
  const one = await scene(t)
  const reading = one.read('both', true)
  one.ended.abort()
  t.equal(await reading, '')
  const other = await scene(t)
  const aborted = other.read('both', true)
  other.aborted.abort()
  t.equal(await aborted, '')
})

t.test('a read of a job that has not started is empty at once', async t => {
  t.equal(await (await scene(t)).read('both', false), '')
})

t.test('a read of a job whose start was interrupted before its files existed is empty at once', async t => {
  const { root, jobLogs, job, read, parts, end } = await scene(t)
  await jobLogs.create(job.id)
  rmSync(join(root, jobLogs.folderOf(job.id)!), { recursive: true })
  t.equal(await read('both', false), '')
  const following = read('stdout', true)
  await jobLogs.create(job.id)
  appendFileSync(join(root, jobLogs.folderOf(job.id)!, 'stdout'), 'out')
  parts.placed.emit(job.id)
  parts.ended.set(job.id, 0)
  end()
  t.equal(await following, 'out')
})

t.test('output in the data of a job that the cluster has taken is read while the cluster is away', async t => {
  const { root, jobLogs, job, read } = await scene(t)
  await jobLogs.create(job.id)
  appendFileSync(join(root, jobLogs.folderOf(job.id)!, 'stdout'), 'out')
  job.submittedToBackend = true
  t.equal(await read('stdout', false), 'out')
})

t.test('a follower whose files are away when the job ends gets an error, not a part as the whole', async t => {
  const { root, jobLogs, job, read, place, parts, end } = await scene(t)
  await jobLogs.create(job.id)
  const folder = jobLogs.folderOf(job.id)!
  appendFileSync(join(root, folder, 'stdout'), 'begun')
  place(folder)
  const following = read('stdout', true)
  while (parts.ends.listenerCount(job.id) === 0) await new Promise(resolve => setImmediate(resolve))
  renameSync(join(root, folder), join(root, 'away'))
  end()
  await t.rejects(following, { code: 'OutputNotReadable' })
})
