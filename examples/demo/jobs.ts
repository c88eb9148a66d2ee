// Waits for jobs and reads what they write, for the scenes of every demo.

import { once } from 'node:events'
import type { ClientJob, JobSubmission, LauncherClient } from '../../launcher/client/client.ts'
import type { Host } from '../host-node/host.ts'
import type { Expectations } from './expect.ts'
import { followWaiting, whileFollowing } from './show.ts'

/** The longest wait, in milliseconds, for the launcher to be back. */
const PATIENCE_MS = 20_000

/** Submits a job, shows its output and waits for its end. */
export async function runToEnd ({ client }: Host, submission: JobSubmission): Promise<ClientJob> {
  const job = await client.submit(submission)
  console.log(`${job.name}: submitted as ${job.id}`)
  return await whileFollowing(client, [job], async () => {
    await followWaiting(client, job)
    return await client.ended(job.id)
  })
}

export async function stopAndWait (client: LauncherClient, id: string): Promise<ClientJob> {
  await client.control(id, 'stop')
  return await client.ended(id)
}

/** Resolves when the job runs or has ended. */
export async function untilRunning (client: LauncherClient, id: string): Promise<ClientJob> {
  let last: ClientJob | undefined
  for await (const job of client.events({ id })) {
    last = job
    if (job.status !== 'Pending') break
  }
  return last!
}

/** Resolves when the job has written something. */
export async function firstOutput (client: LauncherClient, id: string): Promise<void> {
  const output = client.output(id, { stream: 'stdout', follow: true })
  await output.next()
  await output.return()
}

/** Returns what the job has written to standard output so far. */
export async function outputOf (client: LauncherClient, id: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** Waits until the job answers, and returns the address of its first port. */
export async function untilServed (client: LauncherClient, { id, name }: ClientJob): Promise<string> {
  const { network, readyTime, message } = await client.ready(id)
  if (network === undefined || readyTime === undefined) throw new Error(`${name} is not ready: ${message}`)
  const { host, addresses, ports: [port] } = network
  console.log(`${name}: on ${host} at ${addresses.join(', ')}, port ${port!.publishedPort}`)
  return `http://${port!.address.includes(':') ? `[${port!.address}]` : port!.address}:${port!.publishedPort}/`
}

/** Kills the launcher and resolves when the next one is ready. */
export async function killLauncher ({ launcher }: Host, expectations: Expectations): Promise<void> {
  const { pid } = launcher.ready
  const again = once(launcher, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) })
  process.kill(pid, 'SIGKILL')
  console.log(`killed the launcher (pid ${pid})`)
  await again
  console.log(`the launcher is back (pid ${launcher.ready.pid})`)
  expectations.that(launcher.ready.pid !== pid, 'a new launcher runs')
}
