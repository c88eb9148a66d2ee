import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Job } from '../../../launcher/plugin.ts'
import {
  claimForCancel,
  isClaimed,
  isPrepared,
  jobFolder,
  jobIds,
  makeJobFolder,
  makeJobsFolder,
  readRecord,
  readState,
  recoverJob,
  recordOf,
  removeFolder,
  writeJobFiles
} from '../../../plugins/local/job-folder.ts'
import { writeControlNote } from '../../../plugins/local/control-note.ts'
import { collect } from '../../fixtures/collect.ts'
import { leaseHolder } from '../../fixtures/lease-holder.ts'
import { noSmallDisk, PAGE_BYTES, smallDisk } from './small-disk.ts'

const account = { name: 'alice', uid: 7, gid: 7, groups: [7], home: '/', shell: '/bin/sh' }
const job: Job = {
  id: '0'.repeat(26),
  user: 'alice',
  cluster: 'Local',
  submission: { name: 'x', exe: 'x', stdin: 'whole text', secrets: [{ name: 'TOKEN', value: 'hunter2' }] },
  submissionTime: 5,
  status: 'Pending',
  revision: 1,
  lastUpdateTime: 5,
  submittedToBackend: false
}

function scratch (t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'folder-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  makeJobsFolder(path)
  return jobFolder(path, job.id)
}

t.test('a record has neither secrets nor standard input', t => {
  t.same(recordOf(job, account, [80]), {
    id: job.id,
    user: 'alice',
    submission: { name: 'x', exe: 'x' },
    submissionTime: 5,
    account,
    ports: [80]
  })
  t.end()
})

t.test('a folder is prepared when its last file exists', t => {
  const folder = scratch(t)
  t.equal(makeJobFolder(folder), true)
  t.equal(makeJobFolder(folder), false)
  t.equal(isPrepared(folder), false)
  const record = recordOf(job, account, [])
  for (const stdin of ['in', undefined]) {
    writeJobFiles(folder, { record, launchScript: 'exec true\n', stdin, owner: undefined })
  }
  t.equal(isPrepared(folder), true)
  t.same(readRecord(folder), record)
  for (const damaged of ['', '{', '{}', '[]', JSON.stringify({ ...record, account: {} })]) {
    writeFileSync(join(folder, 'job.json'), damaged)
    t.equal(readRecord(folder), undefined, `damaged: ${damaged}`)
  }
  t.equal(readFileSync(join(folder, 'launch'), 'utf8'), 'exec true\n')
  t.equal(readFileSync(join(folder, 'stdin'), 'utf8'), 'in')
  removeFolder(folder)
  removeFolder(folder)
  t.equal(readRecord(folder), undefined)
  t.end()
})

t.test(
  'only what a program reads and writes belongs to the user of a job',
  { skip: process.getuid!() === 0 ? false : 'needs root' },
  t => {
    const folder = scratch(t)
    makeJobFolder(folder)
    writeJobFiles(folder, { record: recordOf(job, account, []), launchScript: '', stdin: 'x', owner: account })
    for (const file of ['stdin', 'stdout', 'stderr', 'report']) {
      t.match(statSync(join(folder, file)), { uid: 7, gid: 7 }, file)
    }
    t.match(statSync(join(folder, 'job.json')), { uid: 0 }, 'but not the record, which the launcher trusts')
    t.end()
  }
)

t.test('a cancel claims the job once, and never a claimed job', t => {
  const folder = scratch(t)
  claimForCancel(folder)
  t.equal(isClaimed(folder), false, 'there is nothing to claim')
  t.equal(readState(folder), undefined)
  makeJobFolder(folder)
  claimForCancel(folder)
  t.match(readState(folder), { text: 'failed CanceledOnRequest\n', writtenAt: Number })
  writeFileSync(join(folder, 'state'), 'started\n')
  claimForCancel(folder)
  t.match(readState(folder), { text: 'started\n' })
  t.equal(isClaimed(folder), true)
  t.end()
})

t.test('standard input and the launch script are written whole or not at all', { skip: noSmallDisk }, t => {
  const folder = join(smallDisk(t, `size=${4 * PAGE_BYTES}`), job.id)
  makeJobFolder(folder)
  const long = 'x'.repeat(4 * PAGE_BYTES)
  const files = { record: recordOf(job, account, []), launchScript: '', stdin: undefined, owner: undefined }
  for (const cut of [{ stdin: long }, { launchScript: long }]) {
    t.throws(() => writeJobFiles(folder, { ...files, ...cut }), { code: 'ENOSPC' })
    t.notOk(isPrepared(folder))
  }
  t.end()
})

t.test('a cancel that has room for an empty file claims the job', { skip: noSmallDisk }, t => {
  const disk = smallDisk(t, `size=${PAGE_BYTES}`)
  const folder = join(disk, job.id)
  makeJobFolder(folder)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(PAGE_BYTES))
  claimForCancel(folder)
  t.match(readState(folder), { text: '' })
  t.end()
})

t.test('trouble with the disk is not hidden', t => {
  const folder = scratch(t)
  t.throws(() => makeJobFolder(join(folder, 'below')), { code: 'ENOENT' })
  writeFileSync(folder, '')
  t.throws(() => readState(folder), { code: 'ENOTDIR' })
  t.throws(() => claimForCancel(folder), { code: 'StoreUnavailable', message: /ENOTDIR/ })
  t.end()
})

t.test('a job is recovered with its requested operation, and listed by its folder', async t => {
  const folder = scratch(t)
  const path = join(folder, '..', '..')
  t.same(await collect(jobIds(path)), [])
  makeJobFolder(folder)
  mkdirSync(join(folder, '..', 'not-a-job'))
  writeFileSync(join(folder, '..', '1'.repeat(26)), 'no folder')
  t.same(await collect(jobIds(path)), [job.id])
  t.equal(recoverJob(folder), undefined)
  writeJobFiles(folder, { record: recordOf(job, account, [80]), launchScript: '', stdin: undefined, owner: undefined })
  const recalled = { id: job.id, user: 'alice', submission: { name: 'x', exe: 'x' }, submissionTime: 5 }
  t.strictSame(recoverJob(folder), recalled)
  const intent = { operation: 'stop', at: 7 } as const
  writeControlNote(folder, { intent })
  t.strictSame(recoverJob(folder), { ...recalled, intent })
})

t.test('a job is recovered with its array and Idempotency-Key, and not at all from a record of another shape', t => {
  const folder = scratch(t)
  makeJobFolder(folder)
  const idempotency = { user: '', key: 'k', bodyHash: 'h' }
  const array = { id: 'a', index: 1, count: 3 }
  const record = recordOf({ ...job, array, idempotency }, account, [])
  const write = (changes: object) => writeFileSync(join(folder, 'job.json'), JSON.stringify({ ...record, ...changes }))
  write({})
  t.strictSame(recoverJob(folder)?.idempotency, idempotency)
  t.strictSame(recoverJob(folder)?.array, array)
  write({ array: { ...array, count: '3' }, idempotency: { user: 1 } })
  t.equal(recoverJob(folder)?.array, undefined)
  t.equal(recoverJob(folder)?.idempotency, undefined)
  for (const changes of [{ user: 1 }, { submissionTime: 'now' }, { submission: null }, { submission: {} }]) {
    write(changes)
    t.equal(recoverJob(folder), undefined, JSON.stringify(changes))
  }
  t.end()
})

t.test('a report on which a process has a lease counts as removed, and is not waited for', async t => {
  const folder = scratch(t)
  makeJobFolder(folder)
  for (const file of ['state', 'report']) writeFileSync(join(folder, file), '\nrun\n')
  t.match(readState(folder), { report: '\nrun\n' })
  await leaseHolder(t, join(folder, 'report'))
  const began = performance.now()
  t.match(readState(folder), { report: undefined })
  t.ok(performance.now() - began < 5000, 'the kernel waits for 45 s')
})

t.test('a record that cannot be read counts as none', async t => {
  const folder = scratch(t)
  makeJobFolder(folder)
  mkdirSync(join(folder, 'job.json'))
  t.equal(readRecord(folder), undefined)
  t.equal(recoverJob(folder), undefined)
})
