// Loaded into a launcher before its own code: tells the bench how long its event loop was blocked.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 5
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delays.enable()

process.on('SIGUSR2', () => {
  const answer = readFileSync(process.env.PROBE!, 'utf8')
  writeFileSync(`${answer}.part`, String(Math.max(0, delays.max / 1e6 - RESOLUTION_MS)))
  renameSync(`${answer}.part`, answer)
  delays.reset()
})
