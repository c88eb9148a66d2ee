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
  const live = createExitWatcher(id => ended.push(id))
  const child = sleeper(t)
  await once(child, 'spawn')
  const gone = once(child, 'exit').then(() => {})
  live.watchChild('a', { ended: gone })
  live.watch('a', startedOf(child.pid!))
  t.equal(live.hasChild('a'), true)
  let rings = 0
  const forget = live.onEnd('a', () => rings++)
  child.kill()
  await gone
  t.equal(live.hasChild('a'), false)
  t.same([ended, rings], [['a'], 1])
  forget()
  live.markEnded('a')
  t.equal(rings, 1)
})

t.test('the poll notices the end of a process that another launcher had started', async t => {
  let tell: (id: string) => void = () => {}
  const ended = new Promise<string>(resolve => { tell = resolve })
  const live = createExitWatcher(id => tell(id))
  t.teardown(() => live.close())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const [staying, going] = [sleeper(t), sleeper(t)]
  await Promise.all([once(staying, 'spawn'), once(going, 'spawn')])
  live.watch('staying', startedOf(staying.pid!))
  live.watch('going', startedOf(going.pid!))
  going.kill()
  t.equal(await ended, 'going')
})

t.test('the poll does not mistake a new process with the old number for the job', async t => {
  let tell: (id: string) => void = () => {}
  const ended = new Promise<string>(resolve => { tell = resolve })
  const live = createExitWatcher(id => tell(id))
  t.teardown(() => live.close())
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const child = sleeper(t)
  await once(child, 'spawn')
  const started = startedOf(child.pid!)
  t.equal(isAlive(started), true)
  t.equal(isAlive({ ...started, startTicks: started.startTicks + 1 }), false)
  live.watch('a', { ...started, startTicks: started.startTicks + 1 })
  t.equal(await ended, 'a')
})

t.test('after close nothing is reported', async t => {
  const ended: string[] = []
  const live = createExitWatcher(id => ended.push(id))
  const child = sleeper(t)
  await once(child, 'spawn')
  live.watchChild('a', { ended: once(child, 'exit').then(() => {}) })
  live.close()
  live.watch('b', startedOf(child.pid!))
  child.kill()
  await once(child, 'exit')
  t.same(ended, [])
})
