import fc from 'fast-check'
import t from 'tap'
import { offsetOfLastLines, STEP_BYTES } from '../../../launcher/plugin-kit/last-lines.ts'

async function lastLines (lines: number, file: Buffer): Promise<string> {
  const offset = await offsetOfLastLines(lines, file.length, async (start, end) => file.subarray(start, end))
  return file.subarray(offset).toString()
}

t.test('the last lines of any file are those that a split at newlines gives', async t => {
  const text = fc.string({ unit: fc.constantFrom('\n', 'a', 'é'), maxLength: 30 })
  await fc.assert(fc.asyncProperty(text, fc.integer({ min: 0, max: 12 }), async (file, count) => {
    const lines = file.match(/[^\n]*\n|[^\n]+$/g) ?? []
    t.equal(await lastLines(count, Buffer.from(file)), count === 0 ? '' : lines.slice(-count).join(''))
  }), { numRuns: 500 })
})

t.test('lines are found across steps, and no further from the end than 16 MiB', async t => {
  const long = 'x'.repeat(3 * STEP_BYTES)
  t.equal(await lastLines(2, Buffer.from(`first\n${long}\nlast\n`)), `${long}\nlast\n`)
  t.equal(await lastLines(1, Buffer.from(`\n${'y'.repeat(STEP_BYTES - 1)}\n`)), `${'y'.repeat(STEP_BYTES - 1)}\n`)
  const huge = Buffer.alloc(17 * 2 ** 20, 'z')
  t.equal((await lastLines(1, huge)).length, 16 * 2 ** 20)
})

t.test('a file that has become shorter gives an offset in what there was', async t => {
  t.equal(await offsetOfLastLines(3, 10, async () => new Uint8Array()), 0)
})
