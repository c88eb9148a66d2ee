// A host as somebody outside this repository writes it: it has the package, and nothing else of the project.
// host.ts SETTINGS runs one job, submits one that is refused, and prints what came of both as one line of JSON.

import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import {
  createClient, isEnded, isLauncherError, LauncherError,
  type ClientJob, type ErrorCode, type JobStatus, type JobSubmission, type LauncherClient, type Operation, type Reason
} from 'job-launcher/client'
import { startLauncher, type Launcher, type LauncherOptions, type LogLine, type ReadyLine } from 'job-launcher/supervise'

const SUBMISSION: JobSubmission = { name: 'greets', command: 'echo "from the job"; exit 4', resourceLimits: [], tags: ['outside'] }
const STOP: Operation = 'stop'
const EXITED: Reason = 'Exited'

async function runJob (client: LauncherClient): Promise<{ output: string, status: JobStatus, exitCode: number | undefined, asExpected: boolean }> {
  const { id } = await client.submit(SUBMISSION)
  const output = await text(Readable.from(client.output(id, { stream: 'stdout', follow: true })))
  const job: ClientJob = await client.ended(id)
  return { output, status: job.status, exitCode: job.exitCode, asExpected: isEnded(job.status) && job.reason === EXITED }
}

/** The code of the error with which `call` rejects, and what the registry knows of it. */
async function refusalOf (call: Promise<unknown>): Promise<{ code: ErrorCode, message: string, help: string } | undefined> {
  try {
    await call
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return { code: error.code, message: error.message, help: error.kind.help }
  }
}

/** Whether a start with these options fails with this code: the class is the same one in both parts of the package. */
async function failsToStart (options: LauncherOptions, code: ErrorCode): Promise<boolean> {
  const error: unknown = await startLauncher(options).catch((error: unknown) => error)
  return error instanceof LauncherError && isLauncherError(error, code)
}

const settings = process.argv[2]!
const warnings: LogLine[] = []
const launcher: Launcher = await startLauncher({ settings, log: line => { if (line.level >= 40) warnings.push(line) } })
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
