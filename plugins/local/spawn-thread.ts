// The thread of the spawner: starts processes, each in a session of its own, and reports when they end.

import { spawn } from 'node:child_process'
import { parentPort } from 'node:worker_threads'
import type { Answer, Wanted } from './spawner.ts'

const port = parentPort!
const report = (answer: Answer): void => { port.postMessage(answer) }

port.on('message', ({ number, file, args, cwd }: Wanted) => {
  const failed = ({ message, code }: NodeJS.ErrnoException): void => { report({ number, failed: { message, code } }) }
  try {
    const child = spawn(file, args, { cwd, detached: true, env: {}, stdio: 'ignore' })
    child.once('error', failed)
    child.once('exit', () => { report({ number, ended: true }) })
    if (child.pid !== undefined) report({ number, pid: child.pid })
  } catch (error) {
    failed(error as NodeJS.ErrnoException)
  }
})
