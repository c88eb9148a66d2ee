import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import { isGone } from '../../fixtures/is-gone.ts'
import { kill, processesOf, resume, suspend, terminate } from '../../../plugins/local/signals.ts'
import { standInSupervisor } from '../../fixtures/stand-in-supervisor.ts'
import type { Tree } from '../../../plugins/local/process-tree.ts'
import { until } from '../../fixtures/until.ts'

/**
 * A leader that survives SIGTERM, a child in its group, and one in a session of its own. Both report SIGTERM.
 */
const FAMILY = `
trap : TERM
echo "$$"
say='trap "echo term; exit 0" TERM; echo "$$"; while :; do sleep 0.05; done'
sh -c "$say" &
setsid sh -c "$say" &
while :; do wait; sleep 0.05; done
`

async function family (
  t: Test
): Promise<{
  tree: Tree & { supervisor: object }
  leader: ChildProcess
  children: number[]
  said: (text: string) => Promise<void>
}> {
  const { child: leader } = await standInSupervisor(t, 'none', FAMILY, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  leader.stdout!.setEncoding('utf8').on('data', data => {
    text += data
  })
  const said = async (wanted: string): Promise<void> => {
    while (!text.includes(wanted)) await once(leader.stdout!, 'data')
  }
  while (text.split('\n').length < 4) await once(leader.stdout!, 'data')
  const tree = { id: 'none', supervisor: readProcessStat(leader.pid!)!, uid: process.getuid!() }
  const children = text.trim().split('\n').map(Number).filter(pid => pid !== leader.pid)
  t.teardown(async () => {
    await kill(tree)
    leader.kill('SIGKILL')
  })
  return { tree, leader, children, said }
}

async function untilState (pid: number, state: RegExp): Promise<void> {
  await until(() => state.test(readProcessStat(pid)?.state ?? 'gone'))
}

t.test('all processes are found, wherever they moved', async t => {
  const { tree, leader, children } = await family(t)
  const found = (await processesOf(tree)).map(({ pid }) => pid)
  for (const pid of [leader.pid!, ...children]) t.ok(found.includes(pid))
})

t.test('terminate reaches all processes, suspended ones too', async t => {
  const { tree, children, said } = await family(t)
  await suspend(tree)
  t.equal(readProcessStat(tree.supervisor.pid)!.state, 'T', 'it is stopped when suspend resolves')
  await terminate(tree)
  await said('term\nterm\n')
  for (const pid of children) await untilState(pid, /Z|gone/)
  t.notOk(isGone(tree.supervisor.pid))
})

t.test('resume continues all processes', async t => {
  const { tree, children } = await family(t)
  await suspend(tree)
  // A shell whose new process was stopped before it executed the program waits for it in state D.
  for (const pid of children) await untilState(pid, /[TD]/)
  await resume(tree)
  for (const pid of [tree.supervisor.pid, ...children]) await untilState(pid, /S|R/)
  t.pass('none is stopped')
})

t.test('kill leaves only the supervisor, which continues', async t => {
  const { tree, children } = await family(t)
  await kill(tree)
  t.ok(children.every(isGone))
  await untilState(tree.supervisor.pid, /S|R/)
  t.pass('it runs')
})

t.test('a tree whose supervisor has another start time belongs to no job', async t => {
  const { tree, children } = await family(t)
  const stranger = { ...tree, supervisor: { pid: tree.supervisor.pid, startTicks: 1 } }
  await kill(stranger)
  await terminate(stranger)
  t.same(await processesOf(stranger), [])
  t.ok(children.every(pid => !isGone(pid)))
})

t.test('a descendant that ignores a stop in a session of its own is ended by the kill after it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'signals-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  // Without the job's id in its environment, so that only its parent shows whose it is.
  writeFileSync(`${folder}/deserter`, 'trap "" TERM; echo "$$"; while :; do /bin/sleep 0.05; done')
  writeFileSync(`${folder}/parent`, `setsid env -i /bin/sh ${folder}/deserter & wait`)
  const { child, pid } = await standInSupervisor(
    t,
    'none',
    `trap : TERM; sh ${folder}/parent & while :; do wait; sleep 0.05; done`,
    { stdio: ['ignore', 'pipe', 'ignore'] }
  )
  const [text] = await once(child.stdout!, 'data')
  const deserter = Number(String(text))
  t.teardown(() => { if (!isGone(deserter)) process.kill(deserter, 'SIGKILL') })
  const tree = { id: 'none', supervisor: readProcessStat(pid)!, uid: process.getuid!() }
  const known = await terminate(tree)
  t.ok(known.some(({ pid }) => pid === deserter), 'the tree before the first signal shows it')
  while (readProcessStat(deserter)!.ppid !== 1) await new Promise(resolve => setImmediate(resolve))
  await kill(tree)
  t.notOk(isGone(deserter), 'the tree after the end of its parent does not')
  await kill(tree, known)
  await untilState(deserter, /Z|gone/)
})

t.test('what has to be done before the supervisor goes on is done when no other process is left', async t => {
  const { tree, leader, children } = await family(t)
  const seen: unknown[] = []
  await kill(tree, [], () => seen.push(readProcessStat(leader.pid!)?.state, children.map(isGone)))
  t.same(seen, ['T', [true, true]])
})
