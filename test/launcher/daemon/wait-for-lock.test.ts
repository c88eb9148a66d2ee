import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { takeLock } from '../../../launcher/daemon/lock.ts'
import { waitForLock } from '../../../launcher/daemon/wait-for-lock.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

function recorder () {
  const lines: Array<[object, string]> = []
  const record = (facts: object, text: string): void => { lines.push([facts, text]) }
  return { lines, log: { info: record, warn: record } as never }
}

t.test('a start waits for a launcher that is stopping, and logs its pid', async t => {
  const folder = await temporaryFolder(t)
  const first = takeLock(folder)
  const { lines, log } = recorder()
  const waiting = waitForLock(folder, { log, signal: new AbortController().signal, runningMs: 5000 })
  await delay(120)
  t.strictSame(lines, [], 'it may still begin to stop')
  first.announceStop()
  await delay(200)
  first.release()
  const second = await waiting
  t.match(lines, [
    [{ scratchPath: folder, holder: process.pid }, 'waiting for launcher to stop'],
    [{ scratchPath: folder, waitedMs: Number }, 'scratch path free']
  ])
  second.release()
})

t.test('a launcher that runs on is ScratchPathTaken, and one that stops too slowly is PredecessorStopping', async t => {
  const folder = await temporaryFolder(t)
  const { log } = recorder()
  const first = takeLock(folder)
  const wait = { log, signal: new AbortController().signal, runningMs: 60, stoppingMs: 120 }
  await t.rejects(waitForLock(folder, wait), { code: 'ScratchPathTaken', details: { pid: process.pid } })
  first.announceStop()
  const began = performance.now()
  await t.rejects(waitForLock(folder, wait), {
    code: 'PredecessorStopping',
    kind: { exit: 75 },
    message: `The scratch path ${folder} (Launcher.ScratchPath) is still used by a launcher that is stopping, pid ` +
      `${process.pid}.`
  })
  t.ok(performance.now() - began >= 120)
  await t.rejects(waitForLock(folder, { ...wait, signal: AbortSignal.abort(), stoppingMs: 60_000 }), {
    code: 'PredecessorStopping'
  })
  first.release()
})
