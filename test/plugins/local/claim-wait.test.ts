import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createClaimWait } from '../../../plugins/local/claim-wait.ts'

t.test('a job without its files is absent, and one with them is to be started or just was', async t => {
  const folder = t.testdir()
  const { observe } = createClaimWait(() => folder)
  t.strictSame(observe('a', false), { state: 'absent' })
  t.strictSame(observe('a', true), { state: 'absent' })
  writeFileSync(join(folder, 'launch'), '')
  t.strictSame(observe('a', false), { state: 'created' })
  t.match(observe('a', true), { state: 'pending', requeueAfterMs: Number })
})

t.test('after a supervisor that claimed nothing, the next one waits a second', async t => {
  const folder = t.testdir({ launch: '' })
  let now = 5000
  const { ended, observe, forget } = createClaimWait(() => folder, () => now)
  ended('a')
  t.match(observe('a', false), {
    state: 'pending',
    requeueAfterMs: 1000,
    message: `The supervisor ended before it could write into ${folder}. The launcher will start it again.`
  })
  t.match(observe('b', false), { state: 'created' }, 'other jobs do not wait')
  now += 1000
  t.match(observe('a', false), { state: 'created' })
  ended('a')
  forget('a')
  t.match(observe('a', false), { state: 'created' })
  writeFileSync(join(folder, 'state'), '')
  ended('a')
  rmSync(join(folder, 'state'))
  t.match(observe('a', false), { state: 'created' }, 'a supervisor that had claimed the job causes no wait')
})
