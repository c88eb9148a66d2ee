import { chmodSync, mkdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { createFileWatcher } from '../../../../launcher/plugin-kit/file-watcher.ts'
import { openFileOutput } from '../../../../launcher/plugin-kit/file-output.ts'
import { createSharedReads } from '../../../../launcher/plugin-kit/shared-reads.ts'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { remoteLog } from '../../../../plugins/kubernetes/process-logs/remote-log.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const OWNER = process.getuid!()
const OTHER = OWNER + 1234
const OWN_GROUP = process.getgid!()

async function scene (t: Test) {
  const root = await temporaryFolder(t)
  const files = createLogFiles(root)
  t.teardown(files.close)
  mkdirSync(join(root, 'apps/1'), { recursive: true })
  const path = join(root, 'apps/1/out')
  writeFileSync(path, 'secret')
  const fileFor = (container: Partial<NonNullable<JobSubmission['container']>>) => remoteLog({
    job: {
      submission: {
        name: 'j',
        exe: 'p',
        stdoutFile: '/app/out',
        dataMounts: [{ path: 'apps/1', mountPath: '/app' }],
        container: { image: 'i', ...container }
      }
    },
    stream: 'stdout',
    root,
    folder: 'process-logs/a-1',
    logFiles: () => files,
    known: {}
  })
  const sharedReads = createSharedReads()
  const fileWatcher = createFileWatcher()
  const open = async (container: Parameters<typeof fileFor>[0]) => {
    const source =
      { files: [fileFor(container)], fileWatcher, sharedReads, isEnded: () => true, onEnd: () => () => {} }
    const { signal } = new AbortController()
    return await openFileOutput(source, { stream: 'both', follow: false, from: { stdout: 0, stderr: 0 }, signal })
  }
  const read = async (container: Parameters<typeof fileFor>[0]): Promise<string> => {
    let text = ''
    for await (const { data } of await open(container)) text += Buffer.from(data).toString()
    return text
  }
  return { root, path, fileFor, open, read }
}

t.test('a file that the job chose is read only if the user of its container may read it', async t => {
  const { path, read } = await scene(t)
  const refused = {
    code: 'OutputNotReadable',
    message: `The file ${path} that the job specifies for stdout cannot be read: the user ${OTHER} of the job may ` +
      'not read it.'
  }
  chmodSync(path, 0o600)
  await t.rejects(read({ runAsUserId: OTHER }), refused)
  chmodSync(path, 0o640)
  await t.rejects(read({ runAsUserId: OTHER }), refused)
  const groups = { runAsUserId: OTHER, supplementalGroupIds: [OWN_GROUP] }
  t.equal(await read(groups), 'secret')
  t.equal(await read({ runAsUserId: OTHER, runAsGroupId: OWN_GROUP }), 'secret')
  chmodSync(path, 0o604)
  await t.rejects(read(groups), refused)
  t.equal(await read({ runAsUserId: OTHER }), 'secret')
})

t.test('without a user id, or as root, every file that the job chose is read', async t => {
  const { path, read } = await scene(t)
  chmodSync(path, 0o600)
  t.equal(await read({}), 'secret')
  t.equal(await read({ runAsUserId: 0 }), 'secret')
})

t.test('a file that the job chose is never read through a link, whichever user its container has', async t => {
  const { root, path, read, fileFor } = await scene(t)
  const folder = dirname(path)
  const other = join(root, 'process-logs/b-1')
  mkdirSync(other, { recursive: true })
  writeFileSync(join(other, 'out'), 'of another job')
  mkdirSync(join(folder, 'inside'))
  writeFileSync(join(folder, 'inside/out'), 'inside')
  const outside = await temporaryFolder(t)
  writeFileSync(join(outside, 'out'), 'outside')
  const refusals: Record<string, () => void> = {
    'a file outside of the mount': () => { symlinkSync(join(outside, 'out'), path) },
    'the output of another job': () => { symlinkSync('../../process-logs/b-1/out', path) },
    'a file in the container that this machine does not have': () => { symlinkSync('/no/such/file', path) },
    'a file inside the mount': () => { symlinkSync('inside/out', path) },
    itself: () => { symlinkSync('out', path) }
  }
  for (const [target, put] of Object.entries(refusals)) {
    rmSync(path)
    put()
    for (const container of [{}, { runAsUserId: OTHER }]) {
      await t.rejects(read(container), {
        code: 'OutputNotReadable', message: `${path} is a symbolic link, which is not followed`
      }, target)
    }
  }
  rmSync(folder, { recursive: true })
  for (const target of [outside, '../process-logs/b-1', '/no/such/folder', '1']) {
    symlinkSync(target, folder)
    for (const container of [{}, { runAsUserId: OTHER }]) {
      await t.rejects(read(container), {
        code: 'OutputNotReadable', message: `${folder} is a symbolic link, which is not followed`
      }, `the mount is a link to ${target}`)
    }
    rmSync(folder)
  }
  rmdirSync(join(root, 'apps'))
  symlinkSync('/no/such/folder', join(root, 'apps'))
  await t.rejects(fileFor({}).remote!.size(), { code: 'ENOTDIR' }, 'a link above the mount')
})

t.test('each read checks again, because another file can get the name', async t => {
  const { path, fileFor } = await scene(t)
  chmodSync(path, 0o604)
  const { remote } = fileFor({ runAsUserId: OTHER })
  t.equal(await remote!.size(), 6)
  chmodSync(path, 0o600)
  await t.rejects(remote!.size(), { code: 'EACCES' })
  await t.rejects(remote!.read(() => Buffer.from(new SharedArrayBuffer(10)), 10, 0), { code: 'EACCES' })
})

t.test('a job does not get what was read of the same file for another job', async t => {
  const { path, open } = await scene(t)
  writeFileSync(path, Buffer.alloc(2 ** 19))
  chmodSync(path, 0o604)
  const allowed = (await open({ runAsUserId: OWNER }))[Symbol.asyncIterator]()
  const other = (await open({ runAsUserId: OTHER }))[Symbol.asyncIterator]()
  t.ok((await other.next()).value!.data.length > 0)
  chmodSync(path, 0o600)
  t.ok((await allowed.next()).value!.data.length > 0)
  t.ok((await allowed.next()).value!.data.length > 0)
  await t.rejects(other.next(), { code: 'OutputNotReadable' })
  await allowed.return?.()
})
