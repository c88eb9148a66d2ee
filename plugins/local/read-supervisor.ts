// Reads the state file of a job, and checks whether the supervisor that wrote it is alive.

import { basename } from 'node:path'
import { relateBoots } from './boot-id.ts'
import { readState } from './job-folder.ts'
import { findSupervisor } from './own-supervisor.ts'
import { parseState, type StartedSupervisor } from './supervisor-state.ts'
import type { SupervisorReading } from './outcome.ts'

/**
 * Returns undefined if the job is not claimed. `spawnedIn`: the boot in which its first supervisor was spawned, if that
 * is known.
 */
export function readSupervisor (
  folder: string, bootId: string, spawnedIn: string = bootId
): SupervisorReading | undefined {
  const before = readState(folder)
  if (before === undefined) return undefined
  const state = parseState(before.text, before.report)
  const started = state?.started
  const boot = relateBoots(started?.bootId ?? spawnedIn, bootId)
  const supervisor = started === undefined || boot !== 'same' ? 'gone' : supervisorNow(basename(folder), started)
  const seen = { state, writtenAt: before.writtenAt, supervisor, boot }
  if (started === undefined || supervisor !== 'gone' || state?.exitCode !== undefined) return seen
  // The supervisor may have written its last line and ended since the first read.
  const after = readState(folder)
  return after === undefined
    ? seen
    : { ...seen, state: parseState(after.text, after.report), writtenAt: after.writtenAt }
}

export function supervisorNow (id: string, started: StartedSupervisor): SupervisorReading['supervisor'] {
  const stat = findSupervisor(id, started)
  if (stat === undefined) return 'gone'
  return stat.state === 'T' || stat.state === 't' ? 'suspended' : 'running'
}
