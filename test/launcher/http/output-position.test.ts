import t from 'tap'
import { offsetsOf, POSITION, positionFrom } from '../../../launcher/http/output-position.ts'

const bytes = (length: number): Uint8Array => new Uint8Array(length)

t.test('the position after chunks is read back as the offsets of the bytes that follow', t => {
  const position = positionFrom({ stdout: 3, stderr: 4 }, 'both', 'separate')
  position.take({ stream: 'stdout', offset: 3, data: bytes(5) })
  position.take({ stream: 'stderr', offset: 4, data: bytes(1) })
  position.take({ stream: 'stdout', offset: 8, data: bytes(2) })
  t.equal(position.text(), '10,5')
  t.same(offsetsOf(position.text(), 'both', 'separate'), position.offsets())
  t.match(position.text(), new RegExp(`^${POSITION}$`))
  t.end()
})

t.test('an empty chunk moves the position to its offset, as the first of the last lines does', t => {
  const position = positionFrom({ stdout: 0, stderr: 0 }, 'both', 'separate')
  position.take({ stream: 'stderr', offset: 70, data: bytes(0) })
  t.equal(position.text(), '0,70')
  t.end()
})

t.test('a single stream has one offset, that of mixed output counts as stdout', t => {
  const stderr = positionFrom({ stdout: 0, stderr: 4 }, 'stderr', 'separate')
  stderr.take({ stream: 'stderr', offset: 4, data: bytes(3) })
  t.equal(stderr.text(), '7')
  t.same(offsetsOf('7', 'stderr', 'separate'), { stdout: 0, stderr: 7 })
  const mixed = positionFrom({ stdout: 2, stderr: 0 }, 'both', 'mixed')
  mixed.take({ stream: 'mixed', offset: 2, data: bytes(3) })
  t.equal(mixed.text(), '5')
  t.same(offsetsOf('5', 'both', 'mixed'), { stdout: 5, stderr: 0 })
  t.end()
})

t.test('a position from before the start is right whatever the start decides on where the output is', t => {
  const unplaced = positionFrom({ stdout: 0, stderr: 0 }, 'both', 'mixed')
  t.same(offsetsOf(unplaced.text(), 'both', 'separate'), { stdout: 0, stderr: 0 })
  unplaced.take({ stream: 'stderr', offset: 0, data: bytes(6) })
  t.equal(unplaced.text(), '0,6', 'it has two offsets once a second stream was seen')
  const expectedTwo = positionFrom({ stdout: 0, stderr: 0 }, 'both', 'separate')
  expectedTwo.take({ stream: 'mixed', offset: 0, data: bytes(6) })
  t.same(offsetsOf(expectedTwo.text(), 'both', 'mixed'), { stdout: 6, stderr: 0 })
  t.end()
})

t.test('a position of another stream is refused', t => {
  const refused = { code: 'InvalidRequest', details: { field: 'from', in: 'query' } }
  t.throws(() => offsetsOf('5', 'both', 'separate'), refused)
  t.throws(() => offsetsOf('5,1', 'both', 'mixed'), refused)
  t.throws(() => offsetsOf('5,0', 'stdout', 'separate'), refused)
  t.throws(() => offsetsOf('5,0', 'stderr', 'separate'), refused)
  t.end()
})
