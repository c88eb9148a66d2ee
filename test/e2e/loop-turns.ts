// Preloaded into a launcher: measures the longest turn of its event loop since the last SIGUSR2. Each signal writes the
// result to the file that LOOP_TURNS_FILE names, and begins again.
//
// A turn counts by the processor time of the main thread if Node reports it, so other work on the machine does not
// change the result.

import { renameSync, writeFileSync } from 'node:fs'

const file = process.env.LOOP_TURNS_FILE!
const threadUsage = (process as { threadCpuUsage?: () => NodeJS.CpuUsage }).threadCpuUsage?.bind(process)

function nowMs (): number {
  if (threadUsage === undefined) return performance.now()
  const { user, system } = threadUsage()
  return (user + system) / 1000
}

let last = nowMs()
let longestMs = 0
let count = 0

function take (): void {
  const now = nowMs()
  longestMs = Math.max(longestMs, now - last)
  last = now
}

setInterval(take, 1).unref()
process.on('SIGUSR2', () => {
  take()
  count += 1
  writeFileSync(`${file}.new`, JSON.stringify({ count, longestMs }))
  renameSync(`${file}.new`, file)
  longestMs = 0
  last = nowMs()
})
