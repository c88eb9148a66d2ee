import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { basename, join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { createJobLogs, type JobLogs } from '../../../../plugins/kubernetes/process-logs/job-logs.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'
import type { Space } from '../../../../plugins/kubernetes/process-logs/data-room.ts'
import { createLogFiles, type LogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const ID = 'a1'
const JOB = sampleJob({ id: ID })
const INSTANCE = 'c0ffee000000'

async function scene (t: Test, log = pino({ level: 'silent' }), space?: () => Space) {
  const root = await temporaryFolder(t)
  const scratchPath = await temporaryFolder(t)
  const over: string[] = []
  const usable: string[] = []
  const filesOf = (path: string): LogFiles => {
    const files = createLogFiles(path)
    return space === undefined ? files : { ...files, space: async () => space() }
  }
  const open = (instance = INSTANCE, folder = 'process-logs'): JobLogs => {
    const logs = createJobLogs({
      config: { mode: 'auto', dataPath: root, folder },
      scratchPath,
      instance,
      cluster: 'Kubernetes',
      log,
      onOverLimit: id => { over.push(id) },
      onUsable: id => { usable.push(id) },
      open: filesOf
    })
    t.teardown(logs.close)
    return logs
  }
  return { root, scratchPath, open, over, usable }
}

async function read (logs: JobLogs, offset = 0): Promise<string> {
  const buffer = Buffer.from(new SharedArrayBuffer(100))
  const count = await logs.files(sampleJob({ id: ID }))[0]!.remote!.read(() => buffer, 100, offset)
  return buffer.toString('latin1', 0, count)
}

t.test('the folder of a job has a part that no other job can guess, and is known after a restart', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  t.equal(logs.folderOf(ID), undefined)
  await logs.create(ID)
  const folder = logs.folderOf(ID)!
  t.match(folder, /^process-logs\/c0ffee000000\/Kubernetes\/a1-[0-9a-f]{32}$/)
  appendFileSync(join(root, folder, 'stdout'), 'hello')
  const next = open()
  t.equal(next.folderOf(ID), folder)
  await next.create(ID)
  t.equal(next.folderOf(ID), folder, 'a repeated start keeps it')
  t.equal(await read(next, 1), 'ello')
})

t.test('the Job decides where the output of a job is', async t => {
  const { open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const folder = `elsewhere/${ID}-${'0a'.repeat(16)}`
  logs.confirm(ID, folder)
  t.equal(logs.folderOf(ID), folder)
  logs.confirm(ID, '../..')
  t.equal(logs.folderOf(ID), folder, 'no launcher can have made the other')
  logs.confirm(ID, undefined)
  t.equal(logs.folderOf(ID), undefined)
})

t.test('output that became shorter than what was read, or is missing, is reported', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const path = join(root, logs.folderOf(ID)!, 'stdout')
  appendFileSync(path, 'hello')
  t.equal(await read(logs), 'hello')
  t.equal(await logs.truncationOf(JOB), undefined)
  truncateSync(path, 2)
  t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
  appendFileSync(path, 'abcdef')
  t.equal(await logs.truncationOf(JOB), undefined)
  rmSync(path)
  t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
})

t.test('output that was shorter when it was read is reported, even if it grew again', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const path = join(root, logs.folderOf(ID)!, 'stdout')
  appendFileSync(path, 'hello')
  t.equal(await read(logs), 'hello')
  truncateSync(path, 2)
  t.equal(await read(logs, 5), '')
  appendFileSync(path, 'abcdef')
  t.equal(await read(logs, 5), 'def')
  t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
})

t.test('what is put in the place of a file is reported as a change', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const path = join(root, logs.folderOf(ID)!, 'stdout')
  for (const put of [() => symlinkSync('/etc/passwd', path), () => mkdirSync(path)]) {
    rmSync(path, { recursive: true })
    put()
    t.strictSame(await logs.truncationOf(JOB), { reason: 'LogFileChanged' })
  }
})

t.test('output whose file is gone is no empty output', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  t.equal(await read(logs), '')
  rmSync(join(root, logs.folderOf(ID)!), { recursive: true })
  const gone = { code: 'ENOENT', message: /does not exist; check that the data is mounted/ }
  await t.rejects(logs.files(sampleJob({ id: ID }))[1]!.remote!.size(), gone)
})

t.test('output behind the limit of the job is not read', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  truncateSync(join(root, logs.folderOf(ID)!, 'stdout'), 50 * 2 ** 30)
  const job = sampleJob({ id: ID })
  const limited = { ...job, submission: { ...job.submission, resourceLimits: [{ type: 'output' as const, value: 1 }] } }
  const { read, size } = logs.files(limited)[0]!.remote!
  t.equal(await size(), 1_000_000)
  const memory = () => Buffer.from(new SharedArrayBuffer(100))
  t.equal(await read(memory, 100, 999_990), 10)
  t.equal(await read(memory, 100, 1_000_000), 0)
  t.equal(await logs.files(job)[0]!.remote!.size(), 50 * 2 ** 30)
})

t.test('a job that writes more than its limit is reported once', async t => {
  const { root, open, over } = await scene(t)
  const logs = open()
  await logs.create(ID)
  logs.limit(ID, 1)
  appendFileSync(join(root, logs.folderOf(ID)!, 'stderr'), Buffer.alloc(1_000_001))
  while (over.length === 0) await new Promise(resolve => setTimeout(resolve, 50))
  t.strictSame(over, [ID])
  t.ok(logs.isOverLimit(ID))
  t.strictSame(await logs.truncationOf(JOB), { reason: 'OutputLimitExceeded' })
})

t.test('output that is longer than what is read of it is incomplete, also if no launcher saw it grow', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const limitedTo = (value: number, more: Partial<JobSubmission> = {}) =>
    sampleJob({ id: ID, submission: { name: 'j', resourceLimits: [{ type: 'output', value }], ...more } })
  for (const stream of ['stdout', 'stderr']) truncateSync(join(root, logs.folderOf(ID)!, stream), 500_000)
  t.equal(await logs.truncationOf(limitedTo(1)), undefined)
  appendFileSync(join(root, logs.folderOf(ID)!, 'stderr'), 'x')
  t.strictSame(await open().truncationOf(limitedTo(1)), { reason: 'OutputLimitExceeded' })
  t.equal(await logs.truncationOf(limitedTo(2)), undefined)
  const chosen = { stdoutFile: '/m/out', dataMounts: [{ path: 'apps', mountPath: '/m' }] }
  mkdirSync(join(root, 'apps'))
  t.equal(await logs.truncationOf(limitedTo(2, chosen)), undefined)
  writeFileSync(join(root, 'apps/out'), '')
  truncateSync(join(root, 'apps/out'), 2_000_001)
  t.strictSame(await logs.truncationOf(limitedTo(2, chosen)), { reason: 'OutputLimitExceeded' })
})

t.test('data that cannot be written is a problem until it can, and a start waits for it', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.check()
  t.equal(logs.problem(), undefined)
  rmSync(root, { recursive: true })
  await logs.check()
  t.match(logs.problem(), { message: /^The data \S+ does not exist on this machine\.$/, help: /Mount the data/ })
  await t.rejects(logs.create(ID), { name: 'RetryableError', message: /cannot be created: ENOENT.*DataDirPath/ })
})

t.test('on full data a start waits, and is tried again when there is room', async t => {
  let freeBytes = 2 ** 30
  const { open, usable } = await scene(t, undefined, () => ({ freeBytes, totalBytes: 2 ** 40 }))
  const logs = open()
  await logs.check()
  t.equal(logs.freeBytes(), 2 ** 30)
  freeBytes = 1000
  await t.rejects(logs.create(ID), {
    name: 'RetryableError', reason: 'DataFull', message: /has only 1000 bytes free\. Free space\.$/
  })
  t.equal(logs.folderOf(ID), undefined, 'with auto, the next attempt can use the logs of the node')
  t.match(logs.problem(), { message: /has only 1000 bytes free\.$/, help: 'Free space.', reason: 'DataFull' })
  await logs.check()
  t.strictSame(usable, [])
  freeBytes = 2 ** 30
  await logs.check()
  t.strictSame(usable, [ID])
  t.equal(logs.problem(), undefined)
  await logs.create(ID)
})

t.test('removing a job removes its files', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.create(ID)
  const folder = join(root, logs.folderOf(ID)!)
  await logs.remove(ID)
  t.notOk(existsSync(folder))
  await logs.remove('unknown')
})

t.test('garbage is a folder of the instance whose job neither the cluster nor the scratch path knows', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  const other = open('0123456789ab')
  await logs.check()
  const folder = join(root, 'process-logs', INSTANCE, 'Kubernetes')
  const [marker] = readdirSync(folder) as [string]
  const random = '0123456789abcdef0123456789abcdef'
  await logs.create(ID)
  await other.check()
  for (const name of [`gone-${random}`, `in-cluster-${random}`, `incluster-${random}`, '.probe-1-1', 'notes']) {
    mkdirSync(join(folder, name))
    mkdirSync(join(root, 'process-logs/0123456789ab/Kubernetes', name))
  }
  const ofOtherCluster = join(root, 'process-logs', INSTANCE, 'Other', `gone-${random}`)
  mkdirSync(ofOtherCluster, { recursive: true })
  const isKnown = (id: string): boolean => id === 'incluster'
  await logs.collectGarbage(isKnown)
  const left = [marker, basename(logs.folderOf(ID)!), `in-cluster-${random}`, `incluster-${random}`, 'notes']
  t.strictSame(readdirSync(folder).sort(), left.sort())
  t.equal(readdirSync(join(root, 'process-logs/0123456789ab/Kubernetes')).length, 6, 'those of another instance stay')
  t.ok(existsSync(ofOtherCluster), 'those of another cluster stay')
  await logs.collectGarbage(() => false)
  t.notOk(readdirSync(folder).includes(`incluster-${random}`))
  t.ok(readdirSync(folder).includes(basename(logs.folderOf(ID)!)), 'the link in the scratch path keeps it')
})

t.test('jobs under a former folder of process logs keep their output, and no job can mount it', async t => {
  const { root, open } = await scene(t)
  const before = open()
  await before.check()
  await before.create(ID)
  const folder = before.folderOf(ID)!
  appendFileSync(join(root, folder, 'stdout'), 'hello')
  const logs = open(INSTANCE, 'other/logs')
  t.strictSame(logs.logFolders(), ['other/logs', 'process-logs'], 'also before the data is checked')
  await logs.check()
  t.equal(logs.problem(), undefined)
  await logs.create('b2')
  t.match(logs.folderOf('b2'), /^other\/logs\/c0ffee000000\/Kubernetes\/b2-/)
  t.equal(await read(logs), 'hello')
  await logs.collectGarbage(() => false)
  t.strictSame(open(INSTANCE, 'third').logFolders(), ['third', 'other/logs', 'process-logs'])
  await logs.remove(ID)
  t.notOk(existsSync(join(root, folder)))
})

t.test('a former folder of process logs is removed and can be mounted when the last output in it is gone', async t => {
  const { root, open, scratchPath } = await scene(t)
  await open().check()
  const former = join(root, 'process-logs', INSTANCE, 'Kubernetes')
  const left = join(former, `b2-${'0a'.repeat(16)}`)
  mkdirSync(left)
  const logs = open(INSTANCE, 'other')
  await logs.check()
  await logs.collectGarbage(id => id === 'b2')
  t.ok(existsSync(left), 'the cluster knows its job')
  t.strictSame(logs.logFolders(), ['other', 'process-logs'])
  await logs.collectGarbage(() => false)
  t.strictSame(readdirSync(join(root, 'process-logs')), [], 'folders of launchers are removed, the one of all is kept')
  t.strictSame(logs.logFolders(), ['other'])
  t.strictSame(open(INSTANCE, 'other').logFolders(), ['other'], 'also after a restart')
  t.strictSame(readdirSync(join(scratchPath, 'process-logs/Kubernetes.former')), [])
})

t.test('a former folder of process logs is remembered while the data is not mounted', async t => {
  const { root, open } = await scene(t)
  await open().check()
  const logs = open(INSTANCE, 'other')
  await logs.check()
  rmSync(root, { recursive: true })
  mkdirSync(root)
  await t.rejects(logs.collectGarbage(() => false), { name: 'OtherDataError' })
  t.strictSame(logs.logFolders(), ['other', 'process-logs'])
})

t.test('a folder that is not the data is not written to, and waiting jobs start when the data is back', async t => {
  const { root, open, usable } = await scene(t)
  await open().check()
  const away = `${root}-away`
  t.teardown(() => rmSync(away, { recursive: true, force: true }))
  renameSync(root, away)
  mkdirSync(root)
  const logs = open()
  await logs.check()
  t.match(logs.problem(), {
    message: /is not mounted, or is not the one .* has no file \S+\/c0ffee000000\/Kubernetes\/\.data-[0-9a-f]{16}\.$/,
    help: /^Mount the data of the host at .* meant to be empty, or .* remove \S+\/process-logs\/Kubernetes\.$/,
    reason: 'DataNotMounted'
  })
  await t.rejects(logs.create(ID), { name: 'OtherDataError', reason: 'DataNotMounted' })
  t.strictSame(readdirSync(root), [], 'nothing is written')
  t.equal(logs.folderOf(ID), undefined)
  rmdirSync(root)
  renameSync(away, root)
  await logs.check()
  t.equal(logs.problem(), undefined)
  t.strictSame(usable, [ID])
  await logs.create(ID)
})

t.test('a mount that goes away between two checks stops the next start', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.check()
  rmSync(join(root, 'process-logs'), { recursive: true })
  await t.rejects(logs.create(ID), { name: 'OtherDataError' })
  t.match(logs.problem(), { message: /is not mounted/ }, 'with auto, the next attempt uses the logs of the node')
})

t.test('the output of a job whose mount is missing has not changed', async t => {
  const { root, open } = await scene(t)
  const logs = open()
  await logs.check()
  await logs.create(ID)
  appendFileSync(join(root, logs.folderOf(ID)!, 'stdout'), 'hello')
  t.equal(await read(logs), 'hello')
  renameSync(join(root, 'process-logs'), join(root, 'away'))
  await t.rejects(logs.truncationOf(JOB), { name: 'OtherDataError' })
  renameSync(join(root, 'away'), join(root, 'process-logs'))
  t.equal(await logs.truncationOf(JOB), undefined)
})

t.test('data that does not answer is waited for, and data that is missing is not', async t => {
  const { open, root } = await scene(t)
  const logs = open()
  const closing = [logs.requireAnswer(), logs.close()]
  await t.rejects(closing[0]!, { name: 'RetryableError', message: /did not answer within/ })
  await closing[1]
  await t.resolves(open().requireAnswer())
  rmSync(root, { recursive: true })
  await t.resolves(open().requireAnswer(), 'it is seen to be missing')
})
