import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { ProcessStat } from '../../../launcher/lib/process-stat.ts'
import {
  kernelFacts, membersOf, readProcesses, type ProcessFacts, type Tree
} from '../../../plugins/local/process-tree.ts'

const ID = '0'.repeat(26)
const tree = { id: ID, supervisor: { pid: 100, startTicks: 5 }, uid: 7 }

type Entry = Partial<ProcessStat> & { pid: number, uid?: number, jobId?: string }

async function found (entries: Entry[], of: Tree = tree): Promise<number[]> {
  const processes = new Map(
    entries.map(entry => [
      entry.pid,
      {
        state: 'S',
        ppid: 1,
        processGroup: entry.pid,
        session: entry.pid,
        cpuTicks: 0,
        childCpuTicks: 0,
        startTicks: 9,
        ...entry
      }
    ])
  )
  const facts: ProcessFacts = {
    uid: pid => entries.find(entry => entry.pid === pid)?.uid ?? 7,
    jobId: pid => entries.find(entry => entry.pid === pid)?.jobId
  }
  const supervised = processes.get(100)?.startTicks === 5
  return (await membersOf(of, processes, supervised, facts)).map(({ pid }) => pid).sort()
}

const supervisor: Entry = { pid: 100, startTicks: 5, session: 100, processGroup: 100 }

t.same(await found([supervisor]), [], 'the supervisor itself is no member')
t.same(
  await found([supervisor, { pid: 101, session: 100 }, { pid: 102, processGroup: 100 }, { pid: 103, ppid: 100 }]),
  [101, 102, 103],
  'session, group and children'
)
t.same(
  await found([supervisor, { pid: 101, session: 100 }, { pid: 102, ppid: 101 }, { pid: 103, ppid: 102 }, { pid: 104 }]),
  [101, 102, 103],
  'descendants in sessions of their own'
)
t.same(
  await found([supervisor, { pid: 105, jobId: ID }, { pid: 106, ppid: 105 }, { pid: 107, jobId: 'other' }]),
  [105, 106],
  'a process with the id, and its descendants'
)
t.same(
  await found([supervisor, { pid: 105, jobId: ID, uid: 8 }]),
  [],
  "another user's process with the id is no member"
)
t.same(
  await found([supervisor, { pid: 101, session: 100 }, { pid: 102, ppid: 101, uid: 0 }]),
  [101],
  'a descendant that became another user is no member'
)
t.same(await found([supervisor, { pid: 101, session: 100, uid: 0 }]), [101], 'any user in the session')
t.same(await found([supervisor, { pid: 101, session: 100, state: 'Z' }]), [], 'a process that has exited is no member')
t.same(
  await found([{ pid: 101, session: 100 }, { pid: 102, session: 100, jobId: ID }, { pid: 103, ppid: 102 }]),
  [102, 103],
  'after the end of the supervisor its session id alone identifies no process of the job'
)
t.same(
  await found([
    { pid: 100, startTicks: 77, session: 100 },
    { pid: 101, session: 100 }
  ]),
  [],
  'a new process with the old number has a session of its own'
)

t.same(
  await found([{ pid: 102, jobId: ID }, { pid: 103, ppid: 102 }, { pid: 104, session: 100 }], {
    ...tree,
    supervisor: undefined
  }),
  [102, 103],
  'without a supervisor, a process with the id and its descendants'
)
t.same(
  await found(
    [supervisor, { pid: 101, session: 100 }, { pid: 102, ppid: 101 }, { pid: 103, jobId: ID }],
    { ...tree, uid: undefined }
  ),
  [101],
  'of an unknown user only the session, the group and the children'
)

t.test('a reading of all processes includes ours, with its environment and user', async t => {
  const child = spawn('/bin/sleep', ['60'], { env: { JOB_LAUNCHER_JOB_ID: ID } })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  t.match((await readProcesses()).get(child.pid!), { pid: child.pid, ppid: process.pid })
  t.equal(await kernelFacts.jobId(child.pid!), ID)
  t.equal(kernelFacts.uid(child.pid!), process.getuid!())
})

t.test('concurrent readings are one, and never an old one', async t => {
  const [first, second] = await Promise.all([readProcesses(), readProcesses()])
  t.equal(first, second)
  t.not(await readProcesses(), first)
})

t.test('nothing is known of a process that is gone', async t => {
  const child = spawn('/bin/true')
  await once(child, 'exit')
  t.equal(await kernelFacts.jobId(child.pid!), undefined)
  t.equal(kernelFacts.uid(child.pid!), undefined)
})
