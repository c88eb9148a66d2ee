import t from 'tap'
import { createSharedReads, CHUNK_BYTES, type Read } from '../../../launcher/plugin-kit/shared-reads.ts'

/** Returns a file in memory that counts its reads. */
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

t.test('a reader gets every byte in chunks that begin at multiples of the size, wherever it starts', async t => {
  const content = Buffer.alloc(3 * CHUNK_BYTES + 77, 'abcdefg')
  const sharedReads = createSharedReads()
  for (const start of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, content.length]) {
    const { read } = fileOf(content)
    const close = sharedReads.open('f')
    const chunks: Uint8Array[] = []
    for (let offset = start; ;) {
      const data = await sharedReads.get('f', offset, read)
      if (data.length === 0) break
      chunks.push(data)
      offset += data.length
      t.ok(offset % CHUNK_BYTES === 0 || offset === content.length, `${start}: ends at ${offset}`)
    }
    t.ok(Buffer.concat(chunks).equals(content.subarray(start)), `from ${start}`)
    close()
  }
})

t.test('readers at the same position read a full chunk once, and a chunk that may still grow again', async t => {
  const { read, reads, grow } = fileOf(Buffer.alloc(CHUNK_BYTES + 10, 'x'))
  const sharedReads = createSharedReads()
  const closeAll = [sharedReads.open('f'), sharedReads.open('f')]
  await sharedReads.get('f', 0, read)
  await sharedReads.get('f', 0, read)
  t.equal(reads(), 1)
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).length, 10)
  grow(Buffer.from('more'))
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).length, 14)
  t.equal(reads(), 3)
  for (const close of closeAll) close()
})

t.test('chunks are cached until the last reader closes the file, up to a limit', async t => {
  const content = Buffer.alloc(40 * CHUNK_BYTES)
  const { read, reads } = fileOf(content)
  const sharedReads = createSharedReads()
  const close = sharedReads.open('f')
  for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) await sharedReads.get('f', offset, read)
  t.equal(reads(), 40)
  await sharedReads.get('f', 0, read)
  t.equal(reads(), 41, 'the first chunk was dropped')
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 41, 'the last chunk was cached')
  close()
  sharedReads.open('f')
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 42)
})

t.test('a failed read is reported to all readers that waited for it, and the next reader retries', async t => {
  const sharedReads = createSharedReads()
  sharedReads.open('f')
  const fails: Read = async () => { throw Object.assign(new Error('no'), { code: 'EIO' }) }
  const both = await Promise.allSettled([sharedReads.get('f', 0, fails), sharedReads.get('f', 0, fails)])
  t.same(both.map(({ status }) => status), ['rejected', 'rejected'])
  t.equal((await sharedReads.get('f', 0, fileOf(Buffer.from('ok')).read)).length, 2)
})
