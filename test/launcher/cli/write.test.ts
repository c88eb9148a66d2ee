import t from 'tap'
import { PassThrough, Writable } from 'node:stream'
import { terminalWidth, write, writeDocument } from '../../../launcher/cli/write.ts'

t.test('a write resolves when the stream has taken the data', async t => {
  let taken = ''
  const stream = new Writable({
    write (data, _encoding, done) {
      setImmediate(() => {
        taken += data
        done()
      })
    }
  })
  await write(stream, 'a')
  t.equal(taken, 'a')
})

t.test('a write rejects when the reader is gone', async t => {
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  const stream = new Writable({ write (_data, _encoding, done) { done(broken) } })
  stream.on('error', () => {})
  await t.rejects(write(stream, 'a'), { code: 'EPIPE' })
})

t.test('a document is written as text, or with --json as JSON', async t => {
  const stdout = new PassThrough()
  await writeDocument({ stdout, values: {} }, { id: 'a' }, 'id a\n')
  await writeDocument({ stdout, values: { json: true } }, { id: 'a' }, 'id a\n')
  t.equal(String(stdout.read()), 'id a\n{\n  "id": "a"\n}\n')
})

t.test('only a terminal has a width', async t => {
  t.equal(terminalWidth(new PassThrough()), undefined)
  t.equal(terminalWidth(Object.assign(new PassThrough(), { isTTY: true, columns: 100 })), 100)
  t.equal(terminalWidth(Object.assign(new PassThrough(), { isTTY: true })), 80)
})
