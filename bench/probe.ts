// Loaded into a launcher before its own code. Reports how long its event loop was blocked, and how long by its own
// work: the rest of the time its thread waited for a core that other processes used.

import { openSync, readFileSync, readSync, renameSync, writeFileSync } from 'node:fs'

const INTERVAL_MS = 5
const schedule = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
const text = Buffer.alloc(100)

let longest = { ms: 0, ownMs: 0 }
let at = performance.now()
let waited = waitedMs()

/** Returns the time that the main thread has waited for a core since it began. */
function waitedMs (): number {
  return Number(text.toString('latin1', 0, readSync(schedule, text, 0, text.length, 0)).split(' ')[1]) / 1e6
}

setInterval(() => {
  const [now, waitedNow] = [performance.now(), waitedMs()]
  const ms = now - at - INTERVAL_MS
  longest = { ms: Math.max(longest.ms, ms), ownMs: Math.max(longest.ownMs, ms - (waitedNow - waited)) }
  at = now
  waited = waitedNow
}, INTERVAL_MS).unref()

process.on('SIGUSR2', () => {
  const answer = readFileSync(process.env.PROBE!, 'utf8')
  writeFileSync(`${answer}.part`, JSON.stringify(longest))
  renameSync(`${answer}.part`, answer)
  longest = { ms: 0, ownMs: 0 }
})
