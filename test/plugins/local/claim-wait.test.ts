import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createClaimWait } from '../../../plugins/local/claim-wait.ts'

t.test('a job without its files is absent, and one with them is to be started or just was', async t => {
  const folder = t.testdir()
  const { observe: look } = createClaimWait(() => folder)
  t.strictSame(look('a', false), { state: 'absent' })
  t.strictSame(look('a', true), { state: 'absent' })
  writeFileSync(join(folder, 'launch'), '')
  t.strictSame(look('a', false), { state: 'created' })
  t.match(look('a', true), { state: 'pending', requeueAfterMs: Number })
})

t.test('after a supervisor that claimed nothing, the next one waits a second', async t => {
  const folder = t.testdir({ launch: '' })
  let now = 5000
  const { ended, observe: look, forget } = createClaimWait(() => folder, () => now)
  ended('a')
  t.match(look('a', false), {
    state: 'pending',
    requeueAfterMs: 1000,
    message: `The supervisor ended before it could write into ${folder}; it is tried again.`
  })
  t.match(look('b', false), { state: 'created' }, 'other jobs do not wait')
  now += 1000
  t.match(look('a', false), { state: 'created' })
  ended('a')
  forget('a')
  t.match(look('a', false), { state: 'created' })
  writeFileSync(join(folder, 'state'), '')
  ended('a')
  rmSync(join(folder, 'state'))
  t.match(look('a', false), { state: 'created' }, 'one that had claimed the job is no reason to wait')
})
