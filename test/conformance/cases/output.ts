// What a program writes, from any offset, while it runs and after.

import { UNTIL_KILLED } from '../../fixtures/shell-programs.ts'
import { end, type Cases } from '../scene.ts'

const LINES = 20_000
/** Ends a moment after its last byte: a node's runtime may lose what it has not read from the pipe of a program. */
const WRITE_LINES = `i=0; while [ $i -lt ${LINES} ]; do echo "line $i"; i=$((i+1)); done; printf '\\377\\000end'; ` +
  'sleep 1'
const WHOLE = Buffer.concat([
  Buffer.from(Array.from({ length: LINES }, (_, i) => `line ${i}\n`).join('')),
  Buffer.from([0xff, 0x00]),
  Buffer.from('end')
])

export const output: Cases = {
  async 'output is complete, byte for byte, from any offset' (t, { driver, program }) {
    const job = await driver.submit(program(WRITE_LINES))
    t.match((await driver.untilEnded(job)).outcome, { reason: 'Exited', exitCode: 0 })
    t.ok((await driver.read(job)).equals(WHOLE), 'from the start')
    for (const offset of [1, 65_535, 65_536, WHOLE.length - 1, WHOLE.length]) {
      t.ok(
        (await driver.read(job, { from: { stdout: offset, stderr: 0 } })).equals(WHOLE.subarray(offset)),
        `from ${offset}`
      )
    }
    const past = { from: { stdout: WHOLE.length + 1, stderr: 0 } }
    await t.rejects(driver.read(job, past), { code: 'OutputOffsetPastEnd', details: { size: WHOLE.length } })
  },

  async 'output starts at the last lines, and a follower gets what comes after them' (t, { driver, program }) {
    const job = await driver.submit(
      program('trap "echo four; exit" TERM; echo one; echo two; echo three; while :; do sleep 0.1; done')
    )
    await driver.untilWritten(job, 'three\n')
    const last = async (tailLines: number) => String(await driver.read(job, { tailLines }))
    t.equal(await last(0), '')
    t.equal(await last(1), 'three\n')
    t.equal(await last(9), 'one\ntwo\nthree\n')
    const followed = driver.read(job, { tailLines: 2, follow: true })
    await driver.control(job, 'stop')
    await driver.untilEnded(job)
    t.match(String(await followed), /^(two\n)?three\nfour\n$/)
    t.equal(await last(2), 'three\nfour\n')
  },

  async 'following returns every byte and ends with the job' (t, { driver, program }) {
    const job = await driver.submit(program(WRITE_LINES))
    const readers = [0, 5, 100].map(offset =>
      driver.read(job, { follow: true, from: { stdout: offset, stderr: 0 } }).then(
        data =>
          data.equals(WHOLE.subarray(offset)) ||
          `${data.length} of ${WHOLE.length - offset} bytes: ${JSON.stringify(data.toString('latin1', 0, 40))} …`,
        error => {
          if (offset > 0 && error.code === 'OutputOffsetPastEnd') return true
          throw error
        }
      )
    )
    t.match((await driver.untilEnded(job)).outcome, { exitCode: 0 })
    t.same(await Promise.all(readers), [true, true, true])
  },

  async 'following ends without an error when it is aborted' (t, { driver, program }) {
    const job = await driver.submit(program(UNTIL_KILLED))
    const reading = new AbortController()
    const output = await driver.plugin.output(job, {
      stream: 'stdout',
      from: { stdout: 0, stderr: 0 },
      follow: true,
      signal: reading.signal
    })
    let text = ''
    for await (const { data } of output) {
      text += Buffer.from(data).toString()
      reading.abort()
    }
    t.equal(text, 'ready\n')
    await end(driver, job)
  },

  async 'standard error is kept apart from standard output' (t, { driver, program }) {
    const job = await driver.submit(program('echo out; echo err >&2'))
    await driver.untilEnded(job)
    t.equal(String(await driver.read(job)), 'out\n')
    t.equal(String(await driver.read(job, { stream: 'stderr' })), 'err\n')
    t.same(String(await driver.read(job, { stream: 'both', follow: true })).split('\n').sort(), ['', 'err', 'out'])
  },
}
