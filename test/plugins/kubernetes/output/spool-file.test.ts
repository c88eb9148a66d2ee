import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  spoolBytes,
  createSpool,
  openSpool,
  spoolPath,
  readSpoolState,
  removeSpool
} from '../../../../plugins/kubernetes/output/spool-file.ts'

const ID = '0'.repeat(26)
const position = (open: number) => ({ recent: [['2026-01-31T12:00:00Z', 1]] as const, open })
const state = (complete = false, open = 0) => ({ pod: 'pod-1', position: position(open), complete })
const bytes = (text: string): Buffer => Buffer.from(text)

/** The run of one launcher: opens the spool, appends each text, saves the state at each SAVE, and closes. */
async function collectRun (path: string, ...steps: Array<string | 'SAVE'>): Promise<void> {
  await createSpool(path, ID)
  const spool = openSpool(path, ID, readSpoolState(path, ID))
  for (const step of steps) step === 'SAVE' ? await spool.save(state()) : spool.append(bytes(step))
  spool.close()
}

t.test('appended bytes are in the file at once, and the state has the saved size', async t => {
  const path = t.testdir()
  await createSpool(path, ID)
  t.equal(readFileSync(spoolPath(path, ID), 'utf8'), '')
  t.equal(readSpoolState(path, ID), undefined)
  const spool = openSpool(path, ID, readSpoolState(path, ID))
  spool.append(bytes('one\n'))
  t.equal(readFileSync(spoolPath(path, ID), 'utf8'), 'one\n')
  t.strictSame([spoolBytes(path, ID), spoolBytes(path, 'other')], [4, 0])
  await spool.save(state(false, 7))
  spool.append(bytes('two\n'))
  spool.close()
  t.strictSame(readSpoolState(path, ID), {
    pod: 'pod-1',
    bytes: 4,
    position: { recent: [['2026-01-31T12:00:00Z', 1]], open: 7 },
    complete: false
  })
  t.equal(statSync(spoolPath(path, ID)).mode & 0o777, 0o600)
  t.equal(statSync(join(path, 'jobs', ID)).mode & 0o777, 0o700)
  await createSpool(path, ID)
  t.equal(readFileSync(spoolPath(path, ID), 'utf8'), 'one\ntwo\n', 'creating it again keeps its content')
  removeSpool(path, ID)
  t.notOk(existsSync(join(path, 'jobs', ID)))
  removeSpool(path, ID)
})

t.test('after a crash at any point no output is duplicated or lost', async t => {
  const root = mkdtempSync(join(tmpdir(), 'kept-'))
  t.teardown(() => rmSync(root, { recursive: true }))
  let run = 0
  // Few different lines, so that comparisons often match by chance.
  const log = fc
    .array(
      fc.oneof(
        fc.constantFrom('\n', 'a\n', 'a\na\n'),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.constant('x'.repeat(300))
      ),
      { minLength: 1, maxLength: 40 }
    )
    .map(parts => bytes(parts.join('')))
  const launcherRun = fc.record({
    pieces: fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 200 }), save: fc.boolean() }), { maxLength: 20 }),
    /** Fraction of the last piece that was written before the crash. */
    written: fc.double({ min: 0, max: 1, noNaN: true })
  })
  await fc.assert(fc.asyncProperty(log, fc.array(launcherRun, { maxLength: 5 }), async (log, launcherRuns) => {
    const path = join(root, String(run++))
    const file = spoolPath(path, ID)
    for (const { pieces, written } of [...launcherRuns, { pieces: [{ bytes: log.length, save: true }], written: 1 }]) {
      await createSpool(path, ID)
      const known = readSpoolState(path, ID)
      const output = openSpool(path, ID, known)
      let at = known?.bytes ?? 0
      let before = statSync(file).size
      for (const piece of pieces) {
        before = statSync(file).size
        output.append(log.subarray(at, at + piece.bytes))
        at = Math.min(log.length, at + piece.bytes)
        if (piece.save) {
          await output.save(state())
          before = statSync(file).size
        }
      }
      output.close()
      const { size } = statSync(file)
      truncateSync(file, before + Math.round((size - before) * written))
      const spool = readFileSync(file)
      if (!log.subarray(0, spool.length).equals(spool)) return false
    }
    const whole = log.equals(readFileSync(file)) && readSpoolState(path, ID)!.bytes === log.length
    rmSync(path, { recursive: true })
    return whole
  }), { numRuns: 300 })
})

t.test('with an unreadable state the log is compared from its start', async t => {
  for (const text of ['', '{"pod":"pod-1","by', '\0\0\0', 'null', '{}', '[]', '"x"']) {
    const path = t.testdir()
    await collectRun(path, 'one\n', 'two\n', 'SAVE')
    writeFileSync(join(path, 'jobs', ID, 'state'), text)
    t.equal(readSpoolState(path, ID), undefined, text)
    await collectRun(path, 'one\ntw', 'o\nthree\n')
    t.equal(readFileSync(spoolPath(path, ID), 'utf8'), 'one\ntwo\nthree\n')
  }
})

t.test('a half-written state does not hide the previous one', async t => {
  const path = t.testdir()
  await collectRun(path, 'one\n', 'SAVE')
  writeFileSync(join(path, 'jobs', ID, 'state.new'), '{"pod":')
  t.match(readSpoolState(path, ID), { bytes: 4 })
  await collectRun(path, 'two\n', 'SAVE')
  t.match(readSpoolState(path, ID), { bytes: 8 })
})

t.test('a file shorter than its state is filled again from the start of the log', async t => {
  const path = t.testdir()
  await collectRun(path, 'one\n', 'two\n', 'SAVE')
  const { complete, ...rest } = readSpoolState(path, ID)!
  writeFileSync(join(path, 'jobs', ID, 'state'), JSON.stringify({ ...rest, complete: true }))
  t.equal(readSpoolState(path, ID)?.complete, true)
  truncateSync(spoolPath(path, ID), 5)
  t.equal(readSpoolState(path, ID), undefined, 'as after a power loss before the bytes were on the disk')
  await collectRun(path, 'one\n', 'two\n', 'three\n')
  t.equal(readFileSync(spoolPath(path, ID), 'utf8'), 'one\ntwo\nthree\n')
  rmSync(spoolPath(path, ID))
  t.equal(readSpoolState(path, ID), undefined)
})

t.test('output that the node no longer has stays in the file, and new output is appended', async t => {
  const path = t.testdir()
  await collectRun(path, 'one\n', 'SAVE', 'two\n', 'three\n')
  await collectRun(path, 'four\n', 'five\n', 'SAVE')
  t.equal(readFileSync(spoolPath(path, ID), 'utf8'), 'one\ntwo\nthree\nfour\nfive\n')
  t.equal(readSpoolState(path, ID)?.bytes, 24)

  const fromStart = t.testdir()
  await collectRun(fromStart, 'one\ntwo\n')
  await collectRun(fromStart, 'five\nsix\n')
  t.equal(readFileSync(spoolPath(fromStart, ID), 'utf8'), 'one\ntwo\nfive\nsix\n', 'without a saved state')
})

t.test(
  'a failed write leaves the existing output intact, and the next attempt completes it',
  { skip: process.getuid!() !== 0 && 'requires root to mount a small disk' },
  async t => {
    const path = mkdtempSync(join(tmpdir(), 'full-'))
    t.teardown(() => rmSync(path, { recursive: true }))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'full', path])
    // Lazily, so that it succeeds although a failed test left a file open.
    t.teardown(() => execFileSync('umount', ['--lazy', path]))
    const log = Buffer.from(Array.from({ length: 10_500 }, (_, line) => `${line}\n`).join(''))
    const room = join(path, 'room')
    mkdirSync(join(path, 'jobs'))
    appendFileSync(room, Buffer.alloc(20_000))
    await createSpool(path, ID)
    const spool = openSpool(path, ID, readSpoolState(path, ID))
    spool.append(log.subarray(0, 1000))
    await spool.save(state())
    t.throws(() => spool.append(log.subarray(1000)), { code: 'ENOSPC' })
    const { size } = statSync(spoolPath(path, ID))
    await t.rejects(
      async () => {
        for (;;) await spool.save(state())
      },
      { code: 'ENOSPC' },
      'the state cannot be saved either'
    )
    spool.close()
    t.match(readSpoolState(path, ID), { bytes: 1000 })
    t.ok(log.subarray(0, size).equals(readFileSync(spoolPath(path, ID))))

    rmSync(room)
    const again = openSpool(path, ID, readSpoolState(path, ID))
    again.append(log.subarray(1000, 30_000))
    again.append(log.subarray(30_000))
    await again.save(state(true))
    again.close()
    t.ok(log.equals(readFileSync(spoolPath(path, ID))))
    t.match(readSpoolState(path, ID), { bytes: log.length, complete: true })
  })
