// Starts a job: writes its files, notes the spawn on disk and spawns the supervisor.

import { setImmediate } from 'node:timers/promises'
import { isLarge, turnForLarge } from '../../launcher/lib/turn-for-large.ts'
import type { Job } from '../../launcher/plugin.ts'
import { relateBoots } from './boot-id.ts'
import { isClaimed, isPrepared, jobFolder, makeJobFolder, readRecord, recordOf, writeJobFiles } from './job-folder.ts'
import type { JobRecord } from './job-folder.ts'
import { launchPieces, type Launch } from './launch-script.ts'
import type { Parts } from './parts.ts'
import { accountFor } from './rules.ts'
import { spawnSupervisor } from './supervisor.ts'

/** Safe to repeat. Rejects with UserNotFound, UserNotPossible or a system error. */
export async function startJob (job: Job, parts: Parts): Promise<void> {
  const { accounts, boot, cgroups, exitWatcher, scratchPath, spawner, spawnLog } = parts
  const { id } = job
  const folder = jobFolder(scratchPath, id)
  const fresh = makeJobFolder(folder)
  if (!fresh && (exitWatcher.hasChild(id) || isClaimed(folder))) return
  // The folder of a spawned job was removed: its program may run or have run.
  if (fresh && spawnLog.bootOf(id) !== undefined) return
  if (relateBoots(spawnLog.bootOf(id) ?? boot, boot) !== 'same') return
  const prepared = !fresh && isPrepared(folder) ? readRecord(folder) : undefined
  const { account } = prepared ?? await prepare(job, folder, parts)
  await spawnLog.add(id)
  const cgroup = cgroups.make(id, job.submission)
  const otherUser = accounts.switchTo(account)
  exitWatcher.watchChild(id, await spawnSupervisor(spawner, { id, folder, bootId: boot, cgroup, otherUser }))
}

async function prepare (job: Job, folder: string, parts: Parts): Promise<JobRecord> {
  const { id, submission, array } = job
  const account = await accountFor(job.user, parts)
  const record = recordOf(job, account, await parts.ports.assign(id, submission.exposedPorts ?? []))
  const script = await scriptOf({ id, submission, ...(array && { array }), account, ports: record.ports })
  await turnForLarge(script.length)
  writeJobFiles(folder, {
    record,
    launchScript: script,
    stdin: submission.stdin,
    owner: parts.accounts.switchTo(account)?.account
  })
  return record
}

async function scriptOf (launch: Launch): Promise<string> {
  const pieces: string[] = []
  let added = 0
  for (const piece of launchPieces(launch)) {
    pieces.push(piece)
    added += piece.length
    if (!isLarge(added)) continue
    await setImmediate()
    added = 0
  }
  return pieces.join('')
}
