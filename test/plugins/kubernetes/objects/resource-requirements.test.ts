import t from 'tap'
import fc from 'fast-check'
import {
  cpuQuantity,
  isKnownLimit,
  memoryQuantity,
  resourceRequirements
} from '../../../../plugins/kubernetes/objects/resource-requirements.ts'

const SUFFIXES: Record<string, number> = { '': 1, m: 0.001, M: 1e6 }

/** The number that Kubernetes reads from a quantity. */
function read (amount: string): number {
  const [, number, suffix] = /^(\d+)([mM]?)$/.exec(amount)!
  return Number(number) * SUFFIXES[suffix!]!
}

t.test('CPUs are written whole or in thousandths', async t => {
  for (const [cpus, amount] of [
    [1, '1'],
    [64, '64'],
    [0.5, '500m'],
    [1.5, '1500m'],
    [0.1, '100m'],
    [0.007, '7m'],
    [0.0001, '1m'],
    [1 / 3, '334m'],
    [2.2, '2200m'],
    [1e12, '1000000000000']
  ] as const) {
    t.equal(cpuQuantity(cpus), amount)
  }
})

t.test('memory is written in MB of 10^6 bytes, or in bytes', async t => {
  for (const [megabytes, amount] of [
    [1, '1M'],
    [512, '512M'],
    [0.5, '500000'],
    [1.1, '1100000'],
    [0.0000001, '1'],
    [1e12, '1000000000000M']
  ] as const) {
    t.equal(memoryQuantity(megabytes), amount)
  }
})

t.test('any quantity is valid in Kubernetes, never less than requested and hardly more', async () => {
  const value = fc.oneof(
    fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.integer({ min: 1, max: 1_000_000 }).map(n => n / 1000)
  )
  fc.assert(
    fc.property(value, value => {
      const cpus = read(cpuQuantity(value))
      const bytes = read(memoryQuantity(value))
      return (
        cpus >= value - 1e-9 * value &&
        cpus < value + 0.001001 &&
        bytes >= value * 1e6 - 1e-3 &&
        bytes < value * 1e6 + 1.001
      )
    }),
    { numRuns: 2000 }
  )
})

t.test('each requested limit sets its own resource, and no other', async t => {
  t.equal(resourceRequirements(), undefined)
  t.equal(resourceRequirements([]), undefined)
  t.strictSame(resourceRequirements([{ type: 'memoryRequest', value: 64 }]), { requests: { memory: '64M' } })
  t.strictSame(
    resourceRequirements([
      { type: 'cpuCount', value: 2 },
      { type: 'cpuRequest', value: 0.25 },
      { type: 'memory', value: 512 },
      { type: 'memoryRequest', value: 256 },
      { type: 'nvidiaGpus', value: 1 },
      { type: 'amdGpus', value: 2 }
    ]),
    {
      limits: { cpu: '2', memory: '512M', 'nvidia.com/gpu': '1', 'amd.com/gpu': '2' },
      requests: { cpu: '250m', memory: '256M' }
    }
  )
})

t.test('limits that Kubernetes does not have are not known', async t => {
  t.ok(isKnownLimit('memory'))
  for (const type of ['cpuTime', 'memorySwap', 'toString']) t.notOk(isKnownLimit(type), type)
})
