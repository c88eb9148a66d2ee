// Finds what the launch script of a job waits for, such as a file on a file system that hangs. Reads only links of
// /proc: a path that the job's user controls could stop the launcher.

import { readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Job } from '../../launcher/plugin.ts'
import { firstChildOf } from './first-child.ts'

/** What the process that runs the launch script has as its folder and its files now. Undefined if unknown. */
export interface LaunchLinks {
  readonly cwd: string | undefined
  readonly stdout: string | undefined
  readonly stderr: string | undefined
}

/** For the job's user. `home`: of the account, if it is known. */
export function slowStartMessage (job: Job, home: string | undefined, links: LaunchLinks): string {
  const awaited = awaitedBy(job, home, links)
  return awaited.length === 0
    ? 'The program has not started yet.'
    : `The program has not started yet: the job waits for ${awaited.join(' or ')}.`
}

/**
 * Follows the order of the launch script, which begins in `/` with the files in the job's folder. A home folder that
 * cannot be entered is skipped, so a script in `/` may wait for the home folder or for what follows it. Pure.
 */
function awaitedBy ({ id, submission }: Job, home: string | undefined, { cwd, stdout, stderr }: LaunchLinks): string[] {
  const { exe, stderrFile, stdoutFile, workingDirectory } = submission
  if (cwd === undefined) return []
  if (workingDirectory !== undefined && cwd === '/' && resolve(workingDirectory) !== '/') {
    return [`the working directory ${workingDirectory}`]
  }
  const maybe = workingDirectory === undefined && home !== undefined && home !== '/' && cwd === '/'
    ? [`the home folder ${home}`]
    : []
  const isKept = (link: string | undefined, name: string): boolean => link?.endsWith(`/jobs/${id}/${name}`) === true
  if (stdoutFile !== undefined && isKept(stdout, 'stdout')) return [...maybe, `the output file ${stdoutFile}`]
  if (stderrFile !== undefined && isKept(stderr, 'stderr')) return [...maybe, `the output file ${stderrFile}`]
  return exe === undefined ? maybe : [...maybe, `the program ${exe}`]
}

/** Unknown if the process has ended meanwhile. */
export function readLaunchLinks (supervisorPid: number): LaunchLinks {
  try {
    const child = firstChildOf(supervisorPid)
    const link = (name: string): string => readlinkSync(`/proc/${child}/${name}`)
    return { cwd: link('cwd'), stdout: link('fd/1'), stderr: link('fd/2') }
  } catch {
    return { cwd: undefined, stdout: undefined, stderr: undefined }
  }
}
