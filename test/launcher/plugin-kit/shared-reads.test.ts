import t from 'tap'
import { createSharedReads, CHUNK_BYTES, type Read } from '../../../launcher/plugin-kit/shared-reads.ts'

/** A file in memory that counts how often it is read. */
function fileOf (content: Buffer): { read: Read, reads: () => number, grow: (more: Buffer) => void } {
  let bytes = content
  let reads = 0
  return {
    read: async (buffer, length, offset) => {
      reads++
      return bytes.copy(buffer, 0, offset, Math.min(offset + length, bytes.length))
    },
    reads: () => reads,
    grow: more => { bytes = Buffer.concat([bytes, more]) }
  }
}

t.test('a reader gets every byte in pieces that begin at multiples of the size, wherever it starts', async t => {
  const content = Buffer.alloc(3 * CHUNK_BYTES + 77, 'abcdefg')
  const sharedReads = createSharedReads()
  for (const start of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, content.length]) {
    const { read } = fileOf(content)
    const close = sharedReads.open('f')
    const got: Uint8Array[] = []
    for (let offset = start; ;) {
      const data = await sharedReads.get('f', offset, read)
      if (data.length === 0) break
      got.push(data)
      offset += data.length
      t.ok(offset % CHUNK_BYTES === 0 || offset === content.length, `${start}: ends at ${offset}`)
    }
    t.ok(Buffer.concat(got).equals(content.subarray(start)), `from ${start}`)
    close()
  }
})

t.test('readers at the same place read a whole piece once; a piece that may still grow is read again', async t => {
  const { read, reads, grow } = fileOf(Buffer.alloc(CHUNK_BYTES + 10, 'x'))
  const sharedReads = createSharedReads()
  const closes = [sharedReads.open('f'), sharedReads.open('f')]
  await sharedReads.get('f', 0, read)
  await sharedReads.get('f', 0, read)
  t.equal(reads(), 1)
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).length, 10)
  grow(Buffer.from('more'))
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).length, 14)
  t.equal(reads(), 3)
  for (const close of closes) close()
})

t.test('pieces are kept until the last reader leaves, up to a bound', async t => {
  const content = Buffer.alloc(40 * CHUNK_BYTES)
  const { read, reads } = fileOf(content)
  const sharedReads = createSharedReads()
  const close = sharedReads.open('f')
  for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) await sharedReads.get('f', offset, read)
  t.equal(reads(), 40)
  await sharedReads.get('f', 0, read)
  t.equal(reads(), 41, 'the first piece was let go')
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 41, 'the last piece was kept')
  close()
  sharedReads.open('f')
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 42)
})

t.test('a failed read is reported to all who waited for it, and retried by the next reader', async t => {
  const sharedReads = createSharedReads()
  sharedReads.open('f')
  const fails: Read = async () => { throw Object.assign(new Error('no'), { code: 'EIO' }) }
  const both = await Promise.allSettled([sharedReads.get('f', 0, fails), sharedReads.get('f', 0, fails)])
  t.same(both.map(({ status }) => status), ['rejected', 'rejected'])
  t.equal((await sharedReads.get('f', 0, fileOf(Buffer.from('ok')).read)).length, 2)
})
