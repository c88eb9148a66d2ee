import t from 'tap'
import type { ProcessStat } from '../../../launcher/lib/process-stat.ts'
import { addUp, memoryOf } from '../../../plugins/local/resources.ts'

const process1: ProcessStat = {
  pid: 1,
  state: 'S',
  ppid: 0,
  processGroup: 1,
  session: 1,
  cpuTicks: 150,
  childCpuTicks: 50,
  startTicks: 1
}
const memory = () => ({ residentBytes: 1000, virtualBytes: 5000 })

t.test('a first measurement has totals, including ended children', t => {
  t.strictSame(addUp([process1, { ...process1, pid: 2 }], memory, 5000), {
    time: 5000,
    cpuSeconds: 4,
    residentBytes: 2000,
    virtualBytes: 10_000,
    processes: 2
  })
  t.end()
})

t.test('the next measurement has the CPUs used since, and a total that never falls', t => {
  const before = addUp([process1], memory, 5000)
  t.equal(addUp([{ ...process1, cpuTicks: 250 }], memory, 6000, before).cpus, 1)
  t.match(addUp([{ ...process1, cpuTicks: 0 }], memory, 6000, before), { cpuSeconds: 2, cpus: 0 })
  t.notOk('cpus' in addUp([process1], memory, 5000, before), 'no time has passed')
  t.end()
})

t.test('memory is read from the kernel', t => {
  t.ok(memoryOf(process.pid).residentBytes > 1_000_000)
  t.ok(memoryOf(process.pid).virtualBytes > memoryOf(process.pid).residentBytes)
  t.same(memoryOf(2 ** 22 + 1), { residentBytes: 0, virtualBytes: 0 })
  t.end()
})
