import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  controlNoteFile,
  controlNoteText,
  eraseIntent,
  readControlNote,
  writeControlNote
} from '../../../plugins/local/control-note.ts'
import { fill } from '../../e2e/fill.ts'
import { noSmallDisk, PAGE_BYTES, smallDisk } from './small-disk.ts'

function folder (t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'note-'))
  t.teardown(() => rmSync(made, { recursive: true }))
  return made
}

t.test('a request is noted, and a stop does not replace a kill', async t => {
  const here = folder(t)
  t.strictSame(readControlNote(here), {})
  writeControlNote(here, { intent: { operation: 'stop', at: 5 } })
  t.strictSame(readControlNote(here), { intent: { operation: 'stop', at: 5 } })
  writeControlNote(here, { intent: { operation: 'kill', at: 6 } })
  writeControlNote(here, { intent: { operation: 'stop', at: 7 } })
  writeControlNote(here, { overOutputLimit: true })
  t.strictSame(readControlNote(here), { intent: { operation: 'kill', at: 6 }, overOutputLimit: true })
  eraseIntent(here)
  t.strictSame(readControlNote(here), { overOutputLimit: true })
})

t.test('a damaged note counts as none, and is replaced by the next', async t => {
  const here = folder(t)
  writeFileSync(controlNoteFile(here), controlNoteText({}).slice(0, 50) + '{"opera')
  t.strictSame(readControlNote(here), {})
  writeControlNote(here, { intent: { operation: 'kill', at: 6 } })
  t.strictSame(readControlNote(here), { intent: { operation: 'kill', at: 6 } })
})

t.test('all notes have one length', async t => {
  const at = 9_999_999_999_999
  const by = { user: 'u'.repeat(256) }
  const longest = { intent: { operation: 'kill', at, by, stopAt: at, stopBy: by }, overOutputLimit: true } as const
  t.equal(controlNoteText(longest).length, controlNoteText({}).length)
})

t.test('a note that exists can be written on a full disk, and the folder of a removed job gets none', {
  skip: noSmallDisk
}, async t => {
  const here = join(smallDisk(t, `size=${4 * PAGE_BYTES}`), 'job')
  mkdirSync(here)
  writeFileSync(controlNoteFile(here), controlNoteText({}))
  fill(join(here, 'filler'))
  writeControlNote(here, { intent: { operation: 'stop', at: 5 } })
  t.match(readFileSync(controlNoteFile(here), 'utf8'), /"stop"/)
  rmSync(here, { recursive: true })
  t.throws(() => writeControlNote(here, { overOutputLimit: true }), { code: 'ENOENT' })
})
