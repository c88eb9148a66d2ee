import t from 'tap'
import { isFull } from '../../../../plugins/kubernetes/process-logs/data-room.ts'

const MIB = 2 ** 20

t.test('data is full below 64 MiB or a sixteenth, and has room again at twice that', t => {
  const large = 2 ** 40
  t.equal(isFull({ freeBytes: 64 * MIB, totalBytes: large }, false), false)
  t.equal(isFull({ freeBytes: 64 * MIB - 1, totalBytes: large }, false), true)
  t.equal(isFull({ freeBytes: 128 * MIB - 1, totalBytes: large }, true), true)
  t.equal(isFull({ freeBytes: 128 * MIB, totalBytes: large }, true), false)
  t.equal(isFull({ freeBytes: MIB - 1, totalBytes: 16 * MIB }, false), true)
  t.equal(isFull({ freeBytes: MIB, totalBytes: 16 * MIB }, false), false)
  t.end()
})

t.test('a file system that reports no size is not full', t => {
  t.equal(isFull({ freeBytes: 0, totalBytes: 0 }, false), false)
  t.end()
})
