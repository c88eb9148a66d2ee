// A host as its developers write it: it has the package and nothing else of the project. `host.ts SETTINGS` runs one
// job, makes calls that fail, and prints the results as one line of JSON.

import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import {
  createClient, isEnded, isLauncherError, LauncherError,
  type ClientJob, type ErrorCode, type JobStatus, type JobSubmission, type LauncherClient, type Operation, type Reason
} from 'job-launcher/client'
import {
  startLauncher, type Launcher, type LauncherOptions, type LogLine, type ReadyLine
} from 'job-launcher/supervise'

const SUBMISSION: JobSubmission = { name: 'greets', command: 'echo "from the job"; exit 4', tags: ['outside'] }
const STOP: Operation = 'stop'
const EXITED: Reason = 'Exited'

interface Ran {
  output: string
  status: JobStatus
  exitCode: number | undefined
  asExpected: boolean
}

async function runJob (client: LauncherClient): Promise<Ran> {
  const { id } = await client.submit(SUBMISSION)
  const output = await text(Readable.from(client.output(id, { stream: 'stdout', follow: true })))
  const job: ClientJob = await client.ended(id)
  const { status, exitCode, reason } = job
  return { output, status, exitCode, asExpected: isEnded(status) && reason === EXITED }
}

interface Refusal {
  code: ErrorCode
  message: string
  help: string
}

/** Returns the error with which `call` rejects. */
async function refusalOf (call: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await call
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return { code: error.code, message: error.message, help: error.kind.help }
  }
}

/** Returns whether the start fails with this code. The error class must be the same in both parts of the package. */
async function failsToStart (options: LauncherOptions, code: ErrorCode): Promise<boolean> {
  const error: unknown = await startLauncher(options).catch((error: unknown) => error)
  return error instanceof LauncherError && isLauncherError(error, code)
}

const settings = process.argv[2]!
const warnings: LogLine[] = []
const launcher: Launcher = await startLauncher({
  settings,
  log: line => { if (line.level >= 40) warnings.push(line) }
})
const ready: ReadyLine = launcher.ready
const client = createClient({ address: ready.address })
try {
  console.log(JSON.stringify({
    instanceName: ready.instanceName,
    ran: await runJob(client),
    refused: await refusalOf(client.submit({ name: 'has no program' })),
    unknown: await refusalOf(client.control('0'.repeat(26), STOP)),
    second: await failsToStart({ settings }, 'ScratchPathTaken'),
    warnings
  }))
} finally {
  await client.close()
  await launcher.stop()
}
