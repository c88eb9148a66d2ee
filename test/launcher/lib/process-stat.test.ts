import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { hasExited, parseProcessStat, readProcessStat } from '../../../launcher/lib/process-stat.ts'

t.test('brackets and spaces in a program name are skipped', t => {
  const stat = parseProcessStat(
    '42 (a) b) (c) S 1 40 39 0 -1 4194560 100 200 0 0 7 8 9 10 20 0 1 0 12345 1000 50 18446744073709551615\n'
  )
  t.same(stat, {
    pid: 42,
    state: 'S',
    ppid: 1,
    processGroup: 40,
    session: 39,
    cpuTicks: 15,
    childCpuTicks: 19,
    startTicks: 12345
  })
  t.end()
})

t.test('a text that is not a stat line gives nothing', t => {
  for (const text of [
    '',
    '42',
    '42 (x',
    '42 (x) S 1 2',
    'x (x) S 1 40 39 0 -1 4194560 100 200 0 0 7 8 9 10 20 0 1 0 12345'
  ]) {
    t.equal(parseProcessStat(text), undefined, JSON.stringify(text))
  }
  t.end()
})

t.test('the stat of the running process is read', t => {
  const stat = readProcessStat(process.pid)!
  t.match(stat, { pid: process.pid, ppid: process.ppid })
  t.equal(hasExited(stat), false)
  t.end()
})

t.test('a process that is gone gives nothing', async t => {
  const child = spawn('/bin/true')
  await once(child, 'exit')
  t.equal(readProcessStat(child.pid!), undefined)
})

t.test('a zombie has exited', t => {
  t.equal(hasExited(parseProcessStat('42 (x) Z 1 40 39 0 -1 4194560 100 200 0 0 7 8 9 10 20 0 1 0 12345 0 0 0')!), true)
  t.end()
})
