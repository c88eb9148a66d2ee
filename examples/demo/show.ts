// Shows what happens: headings, the jobs' output as it comes, and the table at the end.

import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'

export function heading (text: string): void {
  console.log(`\n== ${text}`)
}

/** Plays `scene` and prints the output of the jobs until both have ended. */
export async function whileFollowing<T> (
  client: LauncherClient, jobs: readonly ClientJob[], scene: () => Promise<T>
): Promise<T> {
  const [result] = await Promise.all([scene(), ...jobs.map(job => followOutput(client, job))])
  return result
}

/** Prints each line of a job's streams after its name, until the job has ended. */
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

/** Prints why a job waits, at each change, until it no longer waits. */
export async function followWaiting (client: LauncherClient, { id, name }: ClientJob): Promise<void> {
  let shown: string | undefined
  for await (const { status, message } of client.events({ id })) {
    if (status !== 'Pending') return
    if (message !== undefined && message !== shown) console.log(`${name.padEnd(12)} : ${message}`)
    shown = message
  }
}

export function printTable (jobs: readonly ClientJob[]): void {
  const rows = jobs.map(job => [
    job.id, job.name, job.status, String(job.exitCode ?? ''), job.reason ?? '', `${seconds(job).toFixed(1)} s`
  ])
  printColumns([['ID', 'NAME', 'STATUS', 'EXIT CODE', 'REASON', 'DURATION'], ...rows])
}

export function printColumns (lines: ReadonlyArray<readonly string[]>): void {
  const widths = lines[0]!.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  for (const line of lines) console.log(line.map((cell, index) => cell.padEnd(widths[index]!)).join('  ').trimEnd())
}

/** Returns the time between start and end. */
function seconds ({ startTime, endTime }: ClientJob): number {
  return startTime === undefined || endTime === undefined ? 0 : (Date.parse(endTime) - Date.parse(startTime)) / 1000
}
