// What only the demo in containers plays, one function a scene.

import type { ClientJob, JobSubmission } from '../../../launcher/client/client.ts'
import type { Host } from '../../host-node/host.ts'
import type { Expectations } from '../expect.ts'
import { firstOutput, killLauncher, outputOf, runToEnd, stopAndWait, untilRunning, untilServed } from '../jobs.ts'
import { followWaiting, whileFollowing } from '../show.ts'
import { SECRET } from './programs.ts'

export class ImageNotPulled extends Error {}

/**
 * Runs the first job. If its image cannot be pulled, none of the following scenes can work: it then cancels the job and
 * throws ImageNotPulled, whose message says what to do.
 */
export async function playReport (
  host: Host, submission: JobSubmission, expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  console.log(`${job.name}: submitted as ${job.id}`)
  const ended = await whileFollowing(client, [job], async () => {
    await Promise.all([cancelWithoutImage(host, job.id), followWaiting(client, job)])
    return await client.ended(job.id)
  })
  if (ended.status === 'Canceled') {
    throw new ImageNotPulled(`The cluster cannot pull the image ${submission.container!.image}: ` +
      'name one in DEMO_IMAGE that it can, with a shell, awk, httpd and wget as busybox has them.')
  }
  const output = await outputOf(client, job.id)
  expectations.that(output.includes('made from 8759 rows'), 'the report is made from all 8759 rows')
  expectations.that(output.includes(`a key of ${SECRET.length} characters`), 'the report was given its secret')
  return ended
}

/** `visitor` makes a job that fetches a page from each address. `showObjects` is called while the app still runs. */
export interface AppScene {
  readonly apps: readonly JobSubmission[]
  readonly visitor: (urls: readonly string[]) => JobSubmission
  readonly showObjects: (apps: readonly ClientJob[]) => Promise<void>
}

/** Starts one job for each process of the app, has another job fetch a page from each, and stops them. */
export async function playApps (
  host: Host, { apps, visitor, showObjects }: AppScene, expectations: Expectations
): Promise<{ apps: ClientJob[], visit: ClientJob }> {
  const { client } = host
  const jobs = await Promise.all(apps.map(app => client.submit(app)))
  return await whileFollowing(client, jobs, async () => {
    const urls = await Promise.all(jobs.map(job => untilServed(client, job)))
    const visit = await runToEnd(host, visitor(urls))
    const pages = await outputOf(client, visit.id)
    for (const { id, name } of jobs) {
      expectations.that(pages.includes(`<title>App</title> made by ${id}\n`), `${name} serves a page of its own`)
    }
    await showObjects(jobs)
    return { apps: await Promise.all(jobs.map(({ id }) => stopAndWait(client, id))), visit }
  })
}

/** A job that waits says why; its user gives up and cancels it. */
export async function playNoImage (
  host: Host, submission: JobSubmission, expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  const [refused] = await Promise.all([cancelWithoutImage(host, job.id), followWaiting(client, job)])
  expectations.that(refused, 'a job whose image does not exist waits with the reason ImagePullBackOff')
  return await client.ended(job.id)
}

/** Kills the launcher while a job runs; the next launcher adopts the job and has its whole output. */
export async function playAdoption (
  host: Host, submission: JobSubmission, expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  const ended = await whileFollowing(client, [job], async () => {
    const before = await untilRunning(client, job.id)
    await firstOutput(client, job.id)
    await killLauncher(host, expectations)
    expectations.job(await client.get(job.id), { status: 'Running', startTime: before.startTime! })
    return await stopAndWait(client, job.id)
  })
  const lines = (await outputOf(client, job.id)).trimEnd().split('\n')
  console.log(`${job.name}: ${lines.length} lines, none lost and none doubled`)
  const areWhole = lines.every((line, index) => line === `line ${index + 1}`)
  expectations.that(areWhole, `each of the ${lines.length} lines of ${job.name} is there once`)
  return ended
}

/** Cancels the job if its image cannot be pulled, and returns whether it did. */
async function cancelWithoutImage ({ client }: Host, id: string): Promise<boolean> {
  for await (const { status, reason } of client.events({ id })) {
    if (status !== 'Pending') return false
    if (reason !== 'ImagePullBackOff' && reason !== 'InvalidImageName') continue
    await client.control(id, 'cancel')
    return true
  }
  return false
}
