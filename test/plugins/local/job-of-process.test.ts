import t from 'tap'
import { processesByJob, type KnownProcesses, type OwnerOfProcesses } from '../../../plugins/local/job-of-process.ts'
import type { ProcessUsage } from '../../../plugins/local/process-usage.ts'

const [A, B] = ['a'.repeat(26), 'b'.repeat(26)]
type Entry = Partial<ProcessUsage> & { pid: number, uid?: number, jobId?: string }

const owners = new Map([[100, { id: A, uid: 7 }], [200, { id: B, uid: 8 }]])

async function found (
  entries: readonly Entry[],
  bySupervisor: ReadonlyMap<number, OwnerOfProcesses> = owners,
  known: KnownProcesses = new Map()
) {
  const asked: number[] = []
  const processes = new Map(entries.map(({ uid: _uid, jobId: _id, ...entry }) => [entry.pid, {
    ppid: 1,
    processGroup: entry.pid,
    session: entry.pid,
    hasExited: false,
    cpuTicks: 0,
    startTicks: 9,
    virtualBytes: 0,
    residentBytes: 0,
    faults: 0,
    ...entry
  }]))
  const of = (pid: number) => entries.find(entry => entry.pid === pid)
  const byJob = await processesByJob(processes, bySupervisor, {
    uid: pid => of(pid)?.uid ?? 7,
    jobId (pid) {
      asked.push(pid)
      return of(pid)?.jobId
    }
  }, known)
  return { jobs: Object.fromEntries(Array.from(byJob, ([id, all]) => [id, all.map(({ pid }) => pid)])), asked }
}

t.test('session, group and children of a supervisor belong to its job, whatever their environment', async t => {
  const { jobs, asked } = await found([
    { pid: 101, session: 100 }, { pid: 201, session: 200 }, { pid: 102, processGroup: 100 }, { pid: 103, ppid: 100 }
  ])
  t.strictSame(jobs, { [A]: [101, 102, 103], [B]: [201] })
  t.strictSame(asked, [])
})

t.test('descendants in sessions of their own belong to the job as long as they run as its user', async t => {
  const { jobs } = await found([
    { pid: 104, ppid: 103 }, { pid: 103, ppid: 102 }, { pid: 102, ppid: 101 }, { pid: 101, session: 100 },
    { pid: 105, ppid: 101, uid: 8 }, { pid: 106, ppid: 105, uid: 7 }
  ])
  t.strictSame(jobs, { [A]: [104, 103, 102, 101] })
})

t.test('a process with the id of a job in its environment belongs to it only as the user of the job', async t => {
  const { jobs, asked } = await found([
    { pid: 300, jobId: A }, { pid: 301, jobId: B }, { pid: 302, jobId: B, uid: 8 }, { pid: 303, uid: 0, jobId: A },
    { pid: 304, jobId: 'c'.repeat(26) }
  ])
  t.strictSame(jobs, { [A]: [300], [B]: [302] })
  t.notOk(asked.includes(303), 'no job runs as that user')
})

t.test('without a user id only session, group and children count', async t => {
  const entries = [{ pid: 101, session: 100 }, { pid: 102, ppid: 101 }, { pid: 300, jobId: A }]
  t.strictSame((await found(entries, new Map([[100, { id: A, uid: undefined }]]))).jobs, { [A]: [101] })
})

t.test('an environment is read once for each process, and an ended process does not count', async t => {
  const known: KnownProcesses = new Map()
  const entries = [{ pid: 300, jobId: A }, { pid: 301 }, { pid: 101, session: 100, hasExited: true }]
  t.strictSame((await found(entries, owners, known)).asked, [300, 301])
  const again = await found(entries, owners, known)
  t.strictSame(again, { jobs: { [A]: [300] }, asked: [] })
  const other = await found([{ pid: 300, startTicks: 10 }], owners, known)
  t.strictSame(other.asked, [300], 'another process has its pid')
  t.strictSame([...known.keys()], ['300 10'], 'what is gone is forgotten')
})

t.test('processes that seem to be their own ancestors belong to no job', async t => {
  t.strictSame((await found([{ pid: 300, ppid: 301 }, { pid: 301, ppid: 300 }])).jobs, {})
})
