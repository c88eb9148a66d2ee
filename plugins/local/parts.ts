// What the methods of the Local plugin share.

import { hostname } from 'node:os'
import { inheritedDescriptors } from '../../launcher/lib/inherited-descriptors.ts'
import { createMonotonicAge, type MonotonicAge } from '../../launcher/lib/monotonic-age.ts'
import type { ProcessStat } from '../../launcher/lib/process-stat.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import { createFileWatcher, type FileWatcher } from '../../launcher/plugin-kit/file-watcher.ts'
import { reportingLoads, type PolicyReloader } from '../../launcher/plugin-kit/policy-reloader.ts'
import { createSharedReads, type SharedReads } from '../../launcher/plugin-kit/shared-reads.ts'
import { createUserFileReader, type UserFileReader } from '../../launcher/plugin-kit/user-file.ts'
import type { PluginContext } from '../../launcher/plugin.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { bootId } from './boot-id.ts'
import { openCgroups, type Cgroups } from './cgroup.ts'
import { createClaimWait, type ClaimWait } from './claim-wait.ts'
import type { LocalConfig } from './config.ts'
import { createExitWatcher, type ExitWatcher } from './exit-watcher.ts'
import { jobFolder, makeJobsFolder, readRecord } from './job-folder.ts'
import { createOutputWatch, type OutputWatch } from './output-watch.ts'
import { openPolicy } from './policy.ts'
import { createPorts, type Ports } from './ports.ts'
import { createPortOwner, type PortOwner } from './port-owner.ts'
import type { LocalProfiles } from './profile-keys.ts'
import { createJobMeasurer, type JobMeasurer } from './measure-jobs.ts'
import { findSupervisorByPid } from './own-supervisor.ts'
import { kernelFacts } from './process-tree.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import type { Measured } from './resources.ts'
import { openSpawnLog, type SpawnLog } from './spawn-log.ts'
import { createSpawner, type Spawner } from './spawner.ts'

/** Configuration, then what starts and watches processes, then what reads output, then the state of single jobs. */
export interface Parts extends Pick<PluginContext, 'scratchPath' | 'log'> {
  /** A reload replaces it. */
  config: LocalConfig
  /** The user whose jobs are submitted without a user. */
  readonly defaultUser: string
  readonly policyReloader: PolicyReloader<LocalProfiles>
  readonly accounts: Accounts

  readonly boot: string
  readonly spawner: Spawner
  readonly spawnLog: SpawnLog
  readonly cgroups: Cgroups
  readonly exitWatcher: ExitWatcher
  readonly outputWatch: OutputWatch
  readonly claimWait: ClaimWait

  readonly fileWatcher: FileWatcher
  readonly sharedReads: SharedReads
  readonly userFiles: UserFileReader

  readonly ports: Ports
  readonly portOwner: PortOwner
  readonly readiness: Readiness
  readonly age: MonotonicAge
  readonly measurements: Map<string, Measured>
  readonly jobMeasurer: JobMeasurer
  /** Processes of jobs that were asked to stop, found outside their process groups. */
  readonly terminated: Map<string, ProcessStat[]>
  /** Jobs that this launcher killed because of their output. */
  readonly overOutputLimit: Set<string>
}

/** Creates the jobs folder, opens the spawn log and loads the policy. */
export async function createParts (config: LocalConfig, context: PluginContext): Promise<Parts> {
  const { scratchPath, log } = context
  makeJobsFolder(scratchPath)
  const boot = bootId(scratchPath)
  const cgroups = openCgroups(context.instance)
  const spawnLog = await openSpawnLog(scratchPath, boot)
  const claimWait = createClaimWait(id => jobFolder(scratchPath, id))
  const policyReloader = await openPolicy(config, reportingLoads(context))
  const inherited = inheritedDescriptors()
  if (inherited.length > 0) {
    log.warn({ descriptors: inherited }, 'jobs inherit descriptors of the parent')
  }
  return {
    scratchPath,
    log,
    config,
    defaultUser: context.serverUser ?? ownUserName(),
    policyReloader,
    accounts: createAccounts(),
    boot,
    spawner: createSpawner(),
    spawnLog,
    cgroups,
    exitWatcher: createExitWatcher(id => {
      claimWait.ended(id)
      context.changed(id)
    }),
    outputWatch: createOutputWatch(context.changed),
    claimWait,
    fileWatcher: createFileWatcher(),
    sharedReads: createSharedReads(),
    userFiles: createUserFileReader(),
    ports: createPorts(),
    portOwner: createPortOwner(),
    readiness: createReadiness(context.changed),
    age: createMonotonicAge(),
    measurements: new Map(),
    jobMeasurer: createJobMeasurer({
      findSupervisor: ({ id, pid }) => pid === undefined ? undefined : findSupervisorByPid(id, pid),
      // A launcher that is not root runs jobs of its own user only.
      uidOf: id => process.getuid!() || readRecord(jobFolder(scratchPath, id))?.account.uid,
      facts: kernelFacts,
      host: hostname()
    }),
    terminated: new Map(),
    overOutputLimit: new Set()
  }
}

/** Leaves the jobs running. */
export async function closeParts (parts: Parts): Promise<void> {
  parts.policyReloader.close()
  parts.exitWatcher.close()
  parts.outputWatch.close()
  parts.readiness.close()
  parts.fileWatcher.close()
  parts.cgroups.close()
  await parts.spawner.close()
  await parts.spawnLog.close()
}

/** Drops the state of a job that has ended. Its folder and its entry in the spawn log remain. */
export function releaseJob (id: string, parts: Parts): void {
  parts.exitWatcher.markEnded(id)
  parts.ports.release(id)
  parts.readiness.forget(id)
  parts.measurements.delete(id)
  parts.terminated.delete(id)
  parts.outputWatch.forget(id)
  parts.overOutputLimit.delete(id)
  parts.claimWait.forget(id)
  parts.age.forget(id)
}
