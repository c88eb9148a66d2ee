import { readFileSync } from 'node:fs'
import t from 'tap'
import { readProcessStat } from '../../../launcher/lib/process-stat.ts'
import {
  parseProcessUsage, readPageBytes, readPeakBytes, readProcessUsage
} from '../../../plugins/local/process-usage.ts'

t.test('the fields of a stat are read, whatever the name of the program', async t => {
  const stat = '42 (a) b (c) S 7 8 9 0 -1 4194560 100 200 3 0 11 12 13 14 20 0 1 0 12345 1000 50 1 0'
  t.strictSame(parseProcessUsage(stat, 4096), {
    pid: 42,
    ppid: 7,
    processGroup: 8,
    session: 9,
    hasExited: false,
    cpuTicks: 50,
    startTicks: 12345,
    virtualBytes: 1000,
    residentBytes: 50 * 4096,
    faults: 103
  })
  t.equal(parseProcessUsage(stat.replace(' S ', ' Z '), 4096)!.hasExited, true)
  for (const text of ['', 'x', '42 (a) S 1 2']) t.equal(parseProcessUsage(text, 4096), undefined, text)
})

t.test('the kernel reports this process, its peak, and nothing of a process that does not exist', async t => {
  const usage = readProcessUsage(process.pid, readPageBytes())!
  const { ppid, session, startTicks } = readProcessStat(process.pid)!
  t.match(usage, { pid: process.pid, ppid, session, startTicks, hasExited: false })
  t.ok(usage.cpuTicks > 0)
  const status = readFileSync('/proc/self/status', 'latin1')
  const resident = 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)![1])
  t.ok(Math.abs(usage.residentBytes - resident) < resident / 2, `${usage.residentBytes} and ${resident} bytes`)
  t.ok(readPeakBytes(process.pid)! >= usage.residentBytes / 2)
  t.equal(readProcessUsage(2 ** 22 + 1, 4096), undefined)
  t.equal(readPeakBytes(2 ** 22 + 1), undefined)
})
