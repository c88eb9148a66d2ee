// Shows what happens: headings, the jobs' output as it comes, and the table at the end.

import type { ClientJob, LauncherClient } from '../../../launcher/client/client.ts'

export function heading (text: string): void {
  console.log(`\n== ${text}`)
}

/** Prints the output of the jobs while `scene` plays, and to its end. */
export async function whileFollowing<T> (
  client: LauncherClient,
  jobs: readonly ClientJob[],
  scene: () => Promise<T>
): Promise<T> {
  const [result] = await Promise.all([scene(), ...jobs.map(job => followOutput(client, job))])
  return result
}

/** Prints the streams of a job line by line behind its name until it has ended. */
async function followOutput (client: LauncherClient, { id, name, cluster }: ClientJob): Promise<void> {
  const { output } = await client.cluster(cluster)
  const streams = output === 'mixed' ? ['stdout'] as const : ['stdout', 'stderr'] as const
  await Promise.all(streams.map(async stream => {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const bytes of client.output(id, { stream, follow: true })) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) console.log(`${name.padEnd(12)} | ${line}`)
    }
    if (rest !== '') console.log(`${name.padEnd(12)} | ${rest}`)
  }))
}

/** Prints why a job waits, whenever that changes, until it waits no more. */
export async function followWaiting (client: LauncherClient, { id, name }: ClientJob): Promise<void> {
  let told: string | undefined
  for await (const { status, message } of client.events({ id })) {
    if (status !== 'Pending') return
    if (message !== undefined && message !== told) console.log(`${name.padEnd(12)} : ${message}`)
    told = message
  }
}

export function printTable (jobs: readonly ClientJob[]): void {
  const rows = jobs.map(job => [
    job.id,
    job.name,
    job.status,
    String(job.exitCode ?? ''),
    job.reason ?? '',
    `${duration(job).toFixed(1)} s`
  ])
  printColumns([['ID', 'NAME', 'STATUS', 'EXIT CODE', 'REASON', 'DURATION'], ...rows])
}

export function printColumns (lines: ReadonlyArray<readonly string[]>): void {
  const widths = lines[0]!.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  for (const line of lines) console.log(line.map((cell, index) => cell.padEnd(widths[index]!)).join('  ').trimEnd())
}

/** Seconds between start and end. */
function duration ({ startTime, endTime }: ClientJob): number {
  return startTime === undefined || endTime === undefined ? 0 : (Date.parse(endTime) - Date.parse(startTime)) / 1000
}
