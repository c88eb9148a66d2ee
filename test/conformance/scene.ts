// What a conformance test gets: a plugin on a backend, and the programs of its cluster.

import type { Test } from 'tap'
import type { Job, JobSubmission, Outcome } from '../../launcher/plugin.ts'
import type { Backend, Driver } from './driver.ts'

export interface Subject {
  readonly name: string
  create (): Promise<Backend>
  /** A submission that runs the command with /bin/sh, standard tools and the args as "$@". */
  program (command: string, more?: Partial<JobSubmission>): JobSubmission
  /** Tests that the cluster cannot pass: name of the test to the reason. */
  readonly skip: Readonly<Record<string, string>>
  /** The cluster may lose the exit code of a program that it stopped; the outcome has none then. */
  readonly mayLoseExitCode: boolean
}

interface Scene {
  readonly driver: Driver
  readonly backend: Backend
  readonly program: Subject['program']
  /** Checks the outcome of UNTIL_STOPPED after a stop. */
  readonly isStopped: (t: Test, outcome: Outcome) => void
  /** Closes the plugin and opens another instance, as a restart of the launcher does. */
  restart (): Promise<Driver>
}

/** Name of the test to the test. */
export type Cases = Readonly<Record<string, (t: Test, scene: Scene) => Promise<void>>>

export async function end (driver: Driver, job: Job): Promise<void> {
  await driver.control(job, 'kill')
  await driver.untilEnded(job)
}

export async function list ({ plugin }: Driver): Promise<string[]> {
  const ids = []
  for await (const id of plugin.list()) ids.push(id)
  return ids
}
