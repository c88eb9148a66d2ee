import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fillFile } from '../../../launcher/lib/fill-file.ts'

t.test('a part of a file is written in pieces, and the rest stays', t => {
  const file = join(t.testdir({ file: 'x'.repeat(700_000) }), 'file')
  const descriptor = openSync(file, 'r+')
  t.teardown(() => closeSync(descriptor))
  fillFile(descriptor, 10, 600_000)
  let content = readFileSync(file)
  t.equal(content.length, 700_000)
  t.ok(content.subarray(10, 600_000).every(byte => byte === 0))
  t.ok(content.subarray(0, 10).every(byte => byte === 0x78) && content.subarray(600_000).every(byte => byte === 0x78))
  const offsets: number[] = []
  fillFile(descriptor, 600_000, 1_000_000, (piece, offset) => {
    offsets.push(offset)
    piece.fill('y')
  })
  content = readFileSync(file)
  t.equal(content.length, 1_000_000)
  t.ok(content.subarray(600_000).every(byte => byte === 0x79))
  t.same(offsets, [600_000, 862_144])
  fillFile(descriptor, 5, 5)
  t.equal(readFileSync(file).length, 1_000_000, 'nothing is an empty part')
  t.end()
})
