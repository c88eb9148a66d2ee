import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import { createExitWatcher, isAlive } from '../../../plugins/local/exit-watcher.ts'

function sleeper (t: { teardown (end: () => void): void }) {
  const child = spawn('/bin/sleep', ['300'])
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

function startedOf (pid: number) {
  return { bootId: 'b007', startTime: 0, pid, startTicks: readProcessStat(pid)!.startTicks }
}

t.test('the end of our own child is reported at once, to followers too', async t => {
  const ended: string[] = []
  const watcher = createExitWatcher(id => ended.push(id))
  const child = sleeper(t)
  await once(child, 'spawn')
  const gone = once(child, 'exit').then(() => {})
  watcher.watchChild('a', { pid: child.pid!, ended: gone })
  watcher.watch('a', startedOf(child.pid!))
  t.equal(watcher.hasChild('a'), true)
  t.equal(watcher.childPid('a'), child.pid)
  let calls = 0
  const forget = watcher.onEnd('a', () => calls++)
  child.kill()
  await gone
  t.equal(watcher.hasChild('a'), false)
  t.equal(watcher.childPid('a'), undefined)
  t.same([ended, calls], [['a'], 1])
  forget()
  watcher.markEnded('a')
  t.equal(calls, 1)
})

t.test('the poll notices the end of a process that another launcher had started', async t => {
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  const watcher = createExitWatcher(resolve)
  t.teardown(() => watcher.close())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const [staying, going] = [sleeper(t), sleeper(t)]
  await Promise.all([once(staying, 'spawn'), once(going, 'spawn')])
  watcher.watch('staying', startedOf(staying.pid!))
  watcher.watch('going', startedOf(going.pid!))
  going.kill()
  t.equal(await ended, 'going')
})

t.test('the poll does not mistake a new process with the old number for the job', async t => {
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  const watcher = createExitWatcher(resolve)
  t.teardown(() => watcher.close())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const child = sleeper(t)
  await once(child, 'spawn')
  const started = startedOf(child.pid!)
  t.equal(isAlive(started), true)
  t.equal(isAlive({ ...started, startTicks: started.startTicks + 1 }), false)
  watcher.watch('a', { ...started, startTicks: started.startTicks + 1 })
  t.equal(await ended, 'a')
})

t.test('after close nothing is reported', async t => {
  const ended: string[] = []
  const watcher = createExitWatcher(id => ended.push(id))
  const child = sleeper(t)
  await once(child, 'spawn')
  watcher.watchChild('a', { pid: child.pid!, ended: once(child, 'exit').then(() => {}) })
  watcher.close()
  watcher.watch('b', startedOf(child.pid!))
  child.kill()
  await once(child, 'exit')
  t.same(ended, [])
})
