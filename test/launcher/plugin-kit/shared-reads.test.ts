import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createSharedReads, CHUNK_BYTES, type Read } from '../../../launcher/plugin-kit/shared-reads.ts'

/** Returns a file in memory that counts its reads. */
function fileOf (content: Buffer): { read: Read, reads: () => number, grow: (more: Buffer) => void } {
  let bytes = content
  let reads = 0
  return {
    read: async (memory, length, offset) => {
      reads++
      return bytes.copy(memory(), 0, offset, Math.min(offset + length, bytes.length))
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
      const { data } = await sharedReads.get('f', offset, read)
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
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).data.length, 10)
  grow(Buffer.from('more'))
  t.equal((await sharedReads.get('f', CHUNK_BYTES, read)).data.length, 14)
  t.equal(reads(), 3)
  for (const close of closeAll) close()
})

t.test('chunks are cached while a file has several readers, up to a limit', async t => {
  const content = Buffer.alloc(40 * CHUNK_BYTES)
  const { read, reads } = fileOf(content)
  const sharedReads = createSharedReads()
  const close = sharedReads.open('f')
  const closeOther = sharedReads.open('f')
  for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) await sharedReads.get('f', offset, read)
  t.equal(reads(), 40)
  await sharedReads.get('f', 0, read)
  t.equal(reads(), 41, 'the first chunk was dropped')
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 41, 'the last chunk was cached')
  closeOther()
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  await sharedReads.get('f', 39 * CHUNK_BYTES, read)
  t.equal(reads(), 43, 'one reader alone needs no cache')
  close()
})

t.test('memory is used again when all readers have released a chunk that is not cached any more', async t => {
  const sharedReads = createSharedReads()
  const { read } = fileOf(Buffer.alloc(9 * CHUNK_BYTES, 'x'))
  const closeAll = [sharedReads.open('f'), sharedReads.open('f')]
  const both = await Promise.all([sharedReads.get('f', 0, read), sharedReads.get('f', 0, read)])
  const memoryOf = async (index: number) => (await sharedReads.get('f', index * CHUNK_BYTES, read)).data.buffer
  const first = both[0].data.buffer
  t.equal(both[1].data.buffer, first)
  both[0].release!()
  await setImmediate()
  t.not(await memoryOf(1), first, 'one reader still has it')
  both[1].release!()
  await setImmediate()
  t.not(await memoryOf(2), first, 'it is cached')
  for (const close of closeAll) close()
  await setImmediate()
  t.equal(await memoryOf(3), first)
})

t.test('a few bytes of a chunk are a copy, so a follower that waits holds no memory of a chunk', async t => {
  const sharedReads = createSharedReads()
  sharedReads.open('f')
  const { data, release } = await sharedReads.get('f', 0, fileOf(Buffer.from('few')).read)
  t.equal(String(data), 'few')
  t.equal(release, undefined)
  t.ok(data.buffer.byteLength < CHUNK_BYTES)
})

t.test('memory of a failed read is not used again, because a thread may still write to it', async t => {
  const sharedReads = createSharedReads()
  sharedReads.open('f')
  let late: Buffer<SharedArrayBuffer> | undefined
  const fails: Read = async memory => {
    late = memory()
    throw Object.assign(new Error('no'), { code: 'ETIMEDOUT' })
  }
  await t.rejects(sharedReads.get('f', 0, fails))
  await setImmediate()
  const { data } = await sharedReads.get('f', 0, fileOf(Buffer.alloc(CHUNK_BYTES)).read)
  t.not(data.buffer, late!.buffer)
})

t.test('a failed read is reported to all readers that waited for it, and the next reader retries', async t => {
  const sharedReads = createSharedReads()
  sharedReads.open('f')
  const fails: Read = async () => { throw Object.assign(new Error('no'), { code: 'EIO' }) }
  const both = await Promise.allSettled([sharedReads.get('f', 0, fails), sharedReads.get('f', 0, fails)])
  t.same(both.map(({ status }) => status), ['rejected', 'rejected'])
  t.equal((await sharedReads.get('f', 0, fileOf(Buffer.from('ok')).read)).data.length, 2)
})
