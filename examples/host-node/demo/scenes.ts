// What the demo plays, one function a scene.

import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClientJob } from '../../../launcher/client/client.ts'
import type { JobSubmission } from '../../../launcher/model/job.ts'
import type { Host } from '../host.ts'
import type { Expectations } from './expect.ts'
import { followWaiting, heading, whileFollowing } from './show.ts'

/** Most milliseconds to wait for a page of an app, or for the launcher to be back. */
export const PATIENCE_MS = 20_000

/** What of a line fits no terminal, such as a certificate. */
const LONG = /^(.{125}).{2,}$/gm

export async function showRenderedFiles ({ launcher }: Host): Promise<void> {
  heading('What the launcher rendered from the host\'s settings')
  for (const name of (await readdir(launcher.ready.configDir)).sort()) {
    const path = join(launcher.ready.configDir, name)
    if (!name.endsWith('.conf')) continue
    console.log(`\n${path}:`)
    console.log((await readFile(path, 'utf8')).trimEnd().replaceAll(LONG, '$1…').replaceAll(/^/gm, '    '))
  }
}

/** Submits a job, shows its output and waits for its end. */
export async function runToEnd ({ client }: Host, submission: JobSubmission): Promise<ClientJob> {
  const job = await client.submit(submission)
  console.log(`${job.name}: submitted as ${job.id}`)
  return await whileFollowing(client, [job], async () => {
    await followWaiting(client, job)
    return await client.ended(job.id)
  })
}

export async function checkReport (folder: string, expectations: Expectations): Promise<void> {
  const report = join(folder, 'report.html')
  const html = await readFile(report, 'utf8').catch(() => '')
  console.log(`${report}: ${(await stat(report).catch(() => undefined))?.size ?? 0} bytes`)
  expectations.that(html.includes('from 8759 rows'), 'the report is made from all 8759 rows')
}

/** Starts one job for each process of the app, fetches a page from each, and stops them. */
export async function playApp (
  { client }: Host,
  apps: readonly JobSubmission[],
  expectations: Expectations
): Promise<ClientJob[]> {
  const jobs = await Promise.all(apps.map(app => client.submit(app)))
  return await whileFollowing(client, jobs, async () => {
    const pages = await Promise.all(
      jobs.map(async ({ id, name }) => {
        await untilRunning(client, id)
        const {
          ports: [port]
        } = await client.network(id)
        const url = `http://${port!.address}:${port!.publishedPort}/`
        const page = await fetchPage(url)
        console.log(`${name}: ${url} gave ${JSON.stringify(page)}`)
        return page
      })
    )
    expectations.that(
      new Set(pages).size === jobs.length && pages.every(page => page?.includes('<title>App</title>')),
      'each process of the app serves a page of its own'
    )
    return await Promise.all(jobs.map(({ id }) => stopAndWait(client, id)))
  })
}

export async function playStop ({ client }: Host, submission: JobSubmission): Promise<ClientJob> {
  const job = await client.submit(submission)
  return await whileFollowing(client, [job], async () => {
    await untilRunning(client, job.id)
    return await stopAndWait(client, job.id)
  })
}

/** Kills the launcher while a job runs; the next launcher adopts it. Ends the job with the file `go` in `folder`. */
export async function playRestart (
  { client, launcher }: Host,
  submission: JobSubmission,
  folder: string,
  expectations: Expectations
): Promise<ClientJob> {
  const job = await client.submit(submission)
  return await whileFollowing(client, [job], async () => {
    const before = await untilRunning(client, job.id)
    await firstOutput(client, job.id)
    const firstPid = launcher.ready.pid
    const again = once(launcher, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) })
    process.kill(firstPid, 'SIGKILL')
    console.log(`killed the launcher (pid ${firstPid})`)
    await again
    console.log(`the launcher is back (pid ${launcher.ready.pid})`)
    const after = await untilRunning(client, job.id)
    console.log(`${after.name}: adopted, ${after.status}, pid ${after.pid}`)
    expectations.that(launcher.ready.pid !== firstPid, 'a new launcher runs')
    expectations.job(after, { status: 'Running', pid: before.pid!, startTime: before.startTime! })
    await writeFile(join(folder, 'go'), '')
    return await client.ended(job.id)
  })
}

export async function stopAndWait (client: Host['client'], id: string): Promise<ClientJob> {
  await client.control(id, 'stop')
  return await client.ended(id)
}

/** Resolves when the job has written something. */
export async function firstOutput (client: Host['client'], id: string): Promise<void> {
  const output = client.output(id, { stream: 'stdout', follow: true })
  await output.next()
  await output.return()
}

/** Resolves when the job runs, or has ended. */
export async function untilRunning (client: Host['client'], id: string): Promise<ClientJob> {
  let last: ClientJob | undefined
  for await (const job of client.events({ id })) {
    last = job
    if (job.status !== 'Pending') break
  }
  return last!
}

/** Asks again while nothing listens yet: a job runs before its program has opened its port. */
async function fetchPage (url: string): Promise<string | undefined> {
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    try {
      return (await (await fetch(url)).text()).trim()
    } catch {
      await delay(100)
    }
  }
}
