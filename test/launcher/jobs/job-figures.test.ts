import t from 'tap'
import type { JobUsage } from '../../../launcher/model/job-usage.ts'
import {
  firstFigures, isWorthSaving, rounded, usageAtEnd, withMeasurement
} from '../../../launcher/jobs/job-figures.ts'

const known = (figures: object) =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined))
const measured = (changes: object = {}) => ({ time: 10_000, residentBytes: 100, ...changes })

t.test('the peak is the highest of all measurements, and of what the backend knows', async t => {
  const first = withMeasurement(firstFigures(), measured({ residentBytes: 300 }), undefined)
  t.strictSame(known(first), { measuredTime: 10_000, memoryBytes: 300, peakMemoryBytes: 300 })
  const second = withMeasurement(first, measured({ time: 11_000, cpus: 0.5, host: 'a' }), undefined)
  t.match(second, { host: 'a', cpus: 0.5, memoryBytes: 100, peakMemoryBytes: 300 })
  const third = withMeasurement(second, measured({ time: 12_000, peakMemoryBytes: 500 }), undefined)
  t.match(third, { host: 'a', peakMemoryBytes: 500 })
})

t.test('CPU seconds that the cluster counts never fall', async t => {
  const before = withMeasurement(firstFigures(), measured({ cpuSeconds: 7 }), 0)
  t.equal(withMeasurement(before, measured({ time: 11_000, cpuSeconds: 9 }), 0).cpuSeconds, 9)
  t.equal(withMeasurement(before, measured({ time: 11_000, cpuSeconds: 1 }), 0).cpuSeconds, 7)
})

t.test('CPU seconds that no cluster counts are added up from the CPUs in use', async t => {
  const first = withMeasurement(firstFigures(), measured({ cpus: 2 }), 4000)
  t.equal(first.cpuSeconds, 12, 'since the start')
  const same = withMeasurement(first, measured({ cpus: 2 }), 4000)
  t.equal(same.cpuSeconds, 12, 'the same measurement again')
  t.equal(withMeasurement(same, measured({ time: 15_000, cpus: 1 }), 4000).cpuSeconds, 17)
  t.equal(withMeasurement(same, measured({ time: 900_000, cpus: 1 }), 4000).cpuSeconds, 72, 'at most a minute')
  const started = (startTime?: number) => withMeasurement(firstFigures(), measured({ cpus: 2 }), startTime)
  t.equal(started(undefined).cpuSeconds, undefined, 'without a start it is not known')
  t.equal(withMeasurement(firstFigures(), measured(), 4000).cpuSeconds, undefined)
})

t.test('a failed measurement keeps peak, total and host, and has no present figures', async t => {
  const before = withMeasurement(firstFigures(), measured({ cpuSeconds: 1, cpus: 1, host: 'a' }), 0)
  t.strictSame(known(withMeasurement(before, { code: 'ResourcesNotAvailable', detail: 'Away.' }, 0)), {
    measuredTime: 10_000,
    cpuSeconds: 1,
    peakMemoryBytes: 100,
    host: 'a',
    problem: { code: 'ResourcesNotAvailable', detail: 'Away.' }
  })
})

t.test('what stays with a job names the figures that are only sampled, and has none that are not known', async t => {
  t.equal(usageAtEnd(firstFigures()), undefined)
  t.strictSame(usageAtEnd(firstFigures({ cpuSeconds: 1.23456, peakMemoryBytes: 5 })), {
    cpuSeconds: 1.23, peakMemoryBytes: 5, sampled: ['cpuSeconds', 'peakMemoryBytes']
  })
  t.strictSame(usageAtEnd(firstFigures({ cpuSeconds: 9, peakMemoryBytes: 5 }), { cpuSeconds: 2, peakMemoryBytes: 4 }), {
    cpuSeconds: 9, peakMemoryBytes: 4
  }, 'a peak that was counted is exact, and CPU of a process that no other waited for is only sampled')
  t.strictSame(usageAtEnd(firstFigures(), { cpuSeconds: 0 }), { cpuSeconds: 0 })
  t.strictSame(usageAtEnd(firstFigures({ peakMemoryBytes: 5 }), { cpuSeconds: 2 }), {
    cpuSeconds: 2, peakMemoryBytes: 5, sampled: ['peakMemoryBytes']
  })
})

t.test('figures are saved when they have grown by more than a tenth', async t => {
  const isWorth = (now: JobUsage, saved: JobUsage) => isWorthSaving(firstFigures(now), saved)
  t.equal(isWorth({ peakMemoryBytes: 1 }, {}), true)
  t.equal(isWorth({ peakMemoryBytes: 109, cpuSeconds: 1 }, { peakMemoryBytes: 100, cpuSeconds: 1 }), false)
  t.equal(isWorth({ peakMemoryBytes: 111, cpuSeconds: 1 }, { peakMemoryBytes: 100, cpuSeconds: 1 }), true)
  t.equal(isWorth({ peakMemoryBytes: 100, cpuSeconds: 2 }, { peakMemoryBytes: 100, cpuSeconds: 1 }), true)
  t.strictSame(known(firstFigures({ cpuSeconds: 1, sampled: ['cpuSeconds'] })), { cpuSeconds: 1 })
  t.equal(rounded(1.005_04, 10_000), 1.0050)
})
