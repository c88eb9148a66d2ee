// What only the demo in containers plays, one function a scene.

import { once } from 'node:events'
import type { ClientJob } from '../../../../launcher/client/client.ts'
import type { JobSubmission } from '../../../../launcher/model/job.ts'
import type { Host } from '../../host.ts'
import type { Expectations } from '../expect.ts'
import { firstOutput, PATIENCE_MS, runToEnd, stopAndWait, untilRunning } from '../scenes.ts'
import { followWaiting, whileFollowing } from '../show.ts'
import { SECRET } from './programs.ts'

export class ImageNotPulled extends Error {}

/**
 * Runs the first job. When its image cannot be had, nothing that follows can work: the job is canceled and the sentence
 * to say is thrown.
 */
export async function playReport (
  host: Host,
  submission: JobSubmission,
  expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  console.log(`${job.name}: submitted as ${job.id}`)
  const ended = await whileFollowing(client, [job], async () => {
    await Promise.all([cancelWithoutImage(host, job.id), followWaiting(client, job)])
    return await client.ended(job.id)
  })
  if (ended.status === 'Canceled') {
    throw new ImageNotPulled(
      `The cluster cannot pull the image ${submission.container!.image}: name one in DEMO_IMAGE that it can, with a ` +
      'shell, awk, httpd and wget as busybox has them.'
    )
  }
  const output = await outputOf(host, job.id)
  expectations.that(output.includes('made from 8759 rows'), 'the report is made from all 8759 rows')
  expectations.that(output.includes(`a key of ${SECRET.length} characters`), 'the report was given its secret')
  return ended
}

/** Starts one job for each process of the app, has another job fetch a page from each, and stops them. */
export async function playApps (
  host: Host,
  apps: readonly JobSubmission[],
  visitor: (urls: readonly string[]) => JobSubmission,
  expectations: Expectations,
  showObjects: (apps: readonly ClientJob[]) => Promise<void>
): Promise<{ apps: ClientJob[]; visit: ClientJob }> {
  const { client } = host
  const jobs = await Promise.all(apps.map(app => client.submit(app)))
  return await whileFollowing(client, jobs, async () => {
    const urls = await Promise.all(jobs.map(async ({ id, name }) => {
      await untilRunning(client, id)
      const { host: node, addresses, ports: [port] } = await client.network(id)
      console.log(`${name}: on the node ${node} at ${addresses.join(', ')}, port ${port!.publishedPort}`)
      return `http://${port!.address.includes(':') ? `[${port!.address}]` : port!.address}:${port!.publishedPort}/`
    }))
    const visit = await runToEnd(host, visitor(urls))
    const pages = await outputOf(host, visit.id)
    for (const { id, name } of jobs) {
      expectations.that(pages.includes(`<title>App</title> made by ${id}\n`), `${name} serves a page of its own`)
    }
    await showObjects(jobs)
    return { apps: await Promise.all(jobs.map(({ id }) => stopAndWait(client, id))), visit }
  })
}

/** A job that waits says why; the user gives it up. */
export async function playNoImage (
  host: Host,
  submission: JobSubmission,
  expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  const [refused] = await Promise.all([cancelWithoutImage(host, job.id), followWaiting(client, job)])
  expectations.that(refused, 'a job whose image does not exist waits with the reason ImagePullBackOff')
  return await client.ended(job.id)
}

/** Kills the launcher while a job runs; the next launcher takes it up and has its whole output. */
export async function playAdoption (
  host: Host,
  submission: JobSubmission,
  expectations: Expectations
): Promise<ClientJob> {
  const { client, launcher } = host
  const job = await client.submit(submission)
  const ended = await whileFollowing(client, [job], async () => {
    const before = await untilRunning(client, job.id)
    await firstOutput(client, job.id)
    const firstPid = launcher.ready.pid
    const again = once(launcher, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) })
    process.kill(firstPid, 'SIGKILL')
    console.log(`killed the launcher (pid ${firstPid})`)
    await again
    console.log(`the launcher is back (pid ${launcher.ready.pid})`)
    expectations.that(launcher.ready.pid !== firstPid, 'a new launcher runs')
    expectations.job(await client.get(job.id), { status: 'Running', startTime: before.startTime! })
    return await stopAndWait(client, job.id)
  })
  const lines = (await outputOf(host, job.id)).trimEnd().split('\n')
  console.log(`${job.name}: ${lines.length} lines, none lost and none doubled`)
  expectations.that(
    lines.every((line, index) => line === `line ${index + 1}`),
    `each of the ${lines.length} lines of ${job.name} is there once`
  )
  return ended
}

/** Cancels the job when its image cannot be had, and says whether it was so. */
async function cancelWithoutImage ({ client }: Host, id: string): Promise<boolean> {
  for await (const { status, reason } of client.events({ id })) {
    if (status !== 'Pending') return false
    if (reason !== 'ImagePullBackOff' && reason !== 'InvalidImageName') continue
    await client.control(id, 'cancel')
    return true
  }
  return false
}

async function outputOf ({ client }: Host, id: string): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
