import t from 'tap'
import { keepLock } from '../../../launcher/daemon/keep-lock.ts'
import type { LockState } from '../../../launcher/daemon/lock.ts'
import { LauncherError } from '../../../launcher/errors.ts'

function kept (renew: () => LockState) {
  const lines: string[] = []
  const { promise: renewed, resolve } = Promise.withResolvers<void>()
  const record = (_facts: object, text: string): void => {
    lines.push(text)
    if (text === 'removed lock file locked again') resolve()
  }
  const log = { warn: record, error: record, fatal: record } as never
  return { lines, renewed, lock: keepLock(renew, { scratchPath: '/x', log }) }
}

t.test('a lock file that another process holds is tried until it is free, and reported once', async t => {
  // The timer of the next attempt does not keep a process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const states: LockState[] = ['present', 'contested', 'contested', 'contested', 'renewed']
  const { lines, renewed, lock } = kept(() => states.shift()!)
  lock.check()
  t.strictSame(lines, [])
  lock.check()
  await renewed
  t.strictSame(lines, ['lock file held by another process', 'removed lock file locked again'])
  t.strictSame(states, [])
})

t.test('a launcher that was replaced is lost, and one that cannot create the file is not', async t => {
  let code: 'StoreUnavailable' | 'ScratchPathTaken' = 'StoreUnavailable'
  const { lines, lock } = kept(() => { throw new LauncherError(code, 'words') })
  lock.check()
  t.strictSame(lines, ['removed lock file not created'])
  code = 'ScratchPathTaken'
  lock.check()
  await t.rejects(lock.lost, { code })
  lock.close()
})
