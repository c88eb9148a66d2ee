// What the demo plays, one function a scene.

import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientJob, JobSubmission } from '../../launcher/client/client.ts'
import type { Host } from '../host-node/host.ts'
import type { Expectations } from './expect.ts'
import { firstOutput, killLauncher, stopAndWait, untilRunning, untilServed } from './jobs.ts'
import { heading, whileFollowing } from './show.ts'

/** The part of a line that fits no terminal, such as that of a certificate. */
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

export async function checkReport (folder: string, expectations: Expectations): Promise<void> {
  const report = join(folder, 'report.html')
  const html = await readFile(report, 'utf8').catch(() => '')
  console.log(`${report}: ${(await stat(report).catch(() => undefined))?.size ?? 0} bytes`)
  expectations.that(html.includes('from 8759 rows'), 'the report is made from all 8759 rows')
}

/** Starts one job for each process of the app, fetches a page from each, and stops them. */
export async function playApp (
  { client }: Host, apps: readonly JobSubmission[], expectations: Expectations
): Promise<ClientJob[]> {
  const jobs = await Promise.all(apps.map(app => client.submit(app)))
  return await whileFollowing(client, jobs, async () => {
    const pages = await Promise.all(jobs.map(async job => {
      const url = await untilServed(client, job)
      const page = (await (await fetch(url)).text()).trim()
      console.log(`${job.name}: ${url} gave ${JSON.stringify(page)}`)
      return page
    }))
    const areOwn = new Set(pages).size === jobs.length && pages.every(page => page.includes('<title>App</title>'))
    expectations.that(areOwn, 'each process of the app serves a page of its own')
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
  host: Host, submission: JobSubmission, folder: string, expectations: Expectations
): Promise<ClientJob> {
  const { client } = host
  const job = await client.submit(submission)
  return await whileFollowing(client, [job], async () => {
    const before = await untilRunning(client, job.id)
    await firstOutput(client, job.id)
    await killLauncher(host, expectations)
    const after = await untilRunning(client, job.id)
    console.log(`${after.name}: adopted, ${after.status}, pid ${after.pid}`)
    expectations.job(after, { status: 'Running', pid: before.pid!, startTime: before.startTime! })
    await writeFile(join(folder, 'go'), '')
    return await client.ended(job.id)
  })
}
