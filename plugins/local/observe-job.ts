// Observes a job, and kills the processes that it leaves behind.

import { hostname } from 'node:os'
import { defined } from '../../launcher/lib/defined.ts'
import type { EndedObservation, Job, Observation } from '../../launcher/plugin.ts'
import { relateBoots } from './boot-id.ts'
import { CLAIM_MS } from './claim-wait.ts'
import { readControlNote } from './control-note.ts'
import { jobFolder, readRecord } from './job-folder.ts'
import { unenforcedMessage } from './limits.ts'
import { networkOf } from './network.ts'
import { observeReadiness } from './observe-readiness.ts'
import { evaluate, ofEarlierBoot, stateLost, withoutHomeMessage, type Finding } from './outcome.ts'
import { enforceOutputLimit } from './output-limit.ts'
import { releaseJob, type Parts } from './parts.ts'
import { readSupervisor, supervisorNow } from './read-supervisor.ts'
import { isDamaged, supervisorWithoutFiles, treeOf } from './running-job.ts'
import { kill } from './signals.ts'
import { readLaunchLinks, slowStartMessage } from './slow-start.ts'
import type { StartedSupervisor, SupervisorState } from './supervisor-state.ts'

/** Milliseconds until a killed job is observed again, if its end is not reported. */
const KILLED_MS = 250

export async function observeJob (job: Job, parts: Parts): Promise<Observation> {
  const { age, boot, claimWait, exitWatcher, scratchPath, spawnLog } = parts
  const { id } = job
  const spawnedIn = spawnLog.bootOf(id) ?? boot
  const reading = readSupervisor(jobFolder(scratchPath, id), boot, spawnedIn)
  const relation = relateBoots(spawnedIn, boot)
  if (reading === undefined && relation !== 'same') {
    releaseJob(id, parts)
    return { state: 'ended', outcome: ofEarlierBoot(relation) }
  }
  if (reading === undefined && job.pid !== undefined) return await withoutState(job, 'removed', parts)
  if (reading === undefined) {
    const seen = claimWait.observe(id, exitWatcher.hasChild(id))
    const isRemoved = seen.state === 'absent' && spawnLog.bootOf(id) !== undefined
    return isRemoved ? await withoutState(job, 'removed', parts) : seen
  }
  if (isDamaged(job, reading)) return await withoutState(job, 'damaged', parts)
  if (reading.state === undefined && exitWatcher.hasChild(id)) return { state: 'pending', requeueAfterMs: CLAIM_MS }
  const { overOutputLimit } = readControlNote(jobFolder(scratchPath, id))
  const isOverLimit = overOutputLimit ?? parts.overOutputLimit.has(id)
  const finding = evaluate(job, { ...reading, overOutputLimit: isOverLimit }, at => age.since(id, at))
  switch (finding.kind) {
    case 'pending': return { state: 'pending', requeueAfterMs: finding.requeueAfterMs }
    case 'active': return await active(job, finding, parts)
    case 'ended': return await ended(job, finding, parts, reading.state)
  }
}

/** Observes a job whose supervisor was spawned, and whose folder was removed or whose state file was damaged since. */
async function withoutState (job: Job, how: 'removed' | 'damaged', parts: Parts): Promise<Observation> {
  const { age, boot, cgroups, exitWatcher, scratchPath, terminated } = parts
  const pid = job.pid ?? exitWatcher.childPid(job.id)
  const started = pid === undefined ? undefined : supervisorWithoutFiles(job, pid, boot)
  if (started === undefined) {
    const record = readRecord(jobFolder(scratchPath, job.id))
    await kill(await treeOf(job, undefined, record, parts), terminated.get(job.id))
    cgroups.remove(job.id, job.submission)
    releaseJob(job.id, parts)
    return { state: 'ended', outcome: stateLost(job, how) }
  }
  const state = { started, executed: true, signaled: false, oomKills: 0 }
  const supervisor = supervisorNow(job.id, started)
  const reading = { state, supervisor, writtenAt: started.startTime, boot: 'same' } as const
  const finding = evaluate(job, reading, at => age.since(job.id, at))
  return finding.kind === 'active' ? await active(job, finding, parts) : { state: 'pending', requeueAfterMs: CLAIM_MS }
}

async function active (job: Job, finding: Finding & { kind: 'active' }, parts: Parts): Promise<Observation> {
  const { cgroups, exitWatcher, ports, scratchPath, terminated } = parts
  const { id, submission } = job
  const { isSlow, started, state, withoutHome } = finding
  const folder = jobFolder(scratchPath, id)
  exitWatcher.watch(id, started)
  const { exposedPorts } = submission
  const record = exposedPorts === undefined ? undefined : readRecord(folder)
  if (record !== undefined) ports.keep(id, record.ports)
  if (finding.kill) await kill(await treeOf(job, started, readRecord(folder), parts), terminated.get(id))
  const isOverLimit = await enforceOutputLimit(job, started, parts)
  const readiness = await observeReadiness(job, started, state, record, parts)
  const requeueAfterMs = Math.min(
    isOverLimit ? KILLED_MS : finding.requeueAfterMs ?? Infinity, readiness.requeueAfterMs ?? Infinity
  )
  const messages = [
    readiness.message ?? '',
    isSlow === true && state === 'running' ? slowMessage(job, folder, started) : '',
    withoutHome === true ? withoutHomeMessage(job) : '',
    unenforcedMessage(submission.resourceLimits ?? [], cgroups.can) ?? ''
  ].filter(message => message !== '')
  return {
    state,
    startTime: started.startTime,
    pid: started.pid,
    host: hostname(),
    ...(messages.length > 0 && { message: messages.join(' ') }),
    ...(finding.timedOut === true && { timedOut: true }),
    ...defined({ readyTime: readiness.readyTime, reason: readiness.reason }),
    ...(record !== undefined && exposedPorts !== undefined && { network: networkOf(record.ports, exposedPorts) }),
    ...(requeueAfterMs < Infinity && { requeueAfterMs })
  }
}

function slowMessage (job: Job, folder: string, { pid }: StartedSupervisor): string {
  return slowStartMessage(job, readRecord(folder)?.account.home, readLaunchLinks(pid))
}

async function ended (
  job: Job, finding: Finding & { kind: 'ended' }, parts: Parts, state?: SupervisorState
): Promise<Observation> {
  const { cgroups, scratchPath, terminated } = parts
  const { id } = job
  const { started, outcome, endTime, orphans } = finding
  if (started !== undefined && (orphans || terminated.has(id))) {
    const record = readRecord(jobFolder(scratchPath, id))
    await kill(await treeOf(job, started, record, parts), terminated.get(id))
  }
  cgroups.remove(id, job.submission)
  releaseJob(id, parts)
  return {
    state: 'ended',
    outcome,
    ...usageOf(state),
    ...(started && { startTime: started.startTime }),
    ...(endTime !== undefined && { endTime })
  }
}

function usageOf ({ cpuSeconds, peakMemoryBytes }: Partial<SupervisorState> = {}): Pick<EndedObservation, 'usage'> {
  if (cpuSeconds === undefined && peakMemoryBytes === undefined) return {}
  return { usage: defined({ cpuSeconds, peakMemoryBytes }) }
}
