import fc from 'fast-check'
import t from 'tap'
import { linesOf } from '../../../../plugins/kubernetes/client/lines.ts'

async function read (chunks: Uint8Array[]): Promise<string[]> {
  const lines: string[] = []
  for await (const batch of linesOf((async function * () { yield * chunks })())) lines.push(...batch.map(String))
  return lines
}

t.test('the lines do not depend on the chunk boundaries', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map(text => text.replaceAll('\n', ' '))),
      fc.array(fc.nat(50)),
      async (lines, cuts) => {
        const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
        const chunks: Uint8Array[] = []
        let start = 0
        for (const length of cuts) {
          chunks.push(new Uint8Array(bytes.subarray(start, start + length)))
          start += length
        }
        chunks.push(bytes.subarray(start))
        t.strictSame(await read(chunks), lines)
      }
    )
  )
})

t.test('a line without a final newline is dropped', async t => {
  t.strictSame(await read([Buffer.from('one\ntw')]), ['one'])
  t.strictSame(await read([Buffer.from('')]), [])
})
