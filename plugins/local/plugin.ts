// The Local plugin: puts the parts together in the shape of the contract.

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { hostname } from 'node:os'
import { retryableIfSystem, systemCode } from '../../launcher/errors.ts'
import { bootId } from './boot-id.ts'
import { openFileOutput } from '../../launcher/plugin-kit/file-output.ts'
import { createFileWatcher } from '../../launcher/plugin-kit/file-watcher.ts'
import { inheritedDescriptors } from '../../launcher/lib/inherited-descriptors.ts'
import { createSharedReads } from '../../launcher/plugin-kit/shared-reads.ts'
import { createUserFileReader } from '../../launcher/plugin-kit/user-file.ts'
import { createMonotonicAge } from '../../launcher/lib/monotonic-age.ts'
import type { ProcessStat } from '../../launcher/lib/process-stat.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import type { Job, Observation, Plugin, PluginContext } from '../../launcher/plugin.ts'
import { capabilitiesOf } from './capabilities.ts'
import { createAccounts } from './accounts.ts'
import { openCgroups } from './cgroup.ts'
import type { LocalConfig } from './config.ts'
import { decide, type LocalRules } from './decide.ts'
import {
  claimForCancel,
  isClaimed,
  isPrepared,
  jobFolder,
  jobIds,
  jobsFolder,
  makeJobFolder,
  makeJobsFolder,
  readRecord,
  recoverJob,
  recordOf,
  removeFolder,
  writeIntent,
  writeJobFiles
} from './job-folder.ts'
import { launchScript } from './launch-script.ts'
import { unenforcedMessage } from './limits.ts'
import { createExitWatcher } from './exit-watcher.ts'
import { hasEnded, findRunningJob, requireRunningJob, treeOf } from './running-job.ts'
import { listensAs } from './listening-sockets.ts'
import { networkOf } from './network.ts'
import { entitlementsOf } from './entitlements.ts'
import { outputFiles } from './output-files.ts'
import { createPorts } from './ports.ts'
import { policyLoader, openPolicy } from './policy.ts'
import { addUp, memoryOf, type Measured } from './resources.ts'
import { readSupervisor } from './read-supervisor.ts'
import { kill, processesOf, resume, suspend, terminate } from './signals.ts'
import { openSpawnLog } from './spawn-log.ts'
import { createSpawner } from './spawner.ts'
import { becomeCommand, spawnSupervisor } from './supervisor.ts'
import { CLAIM_MS, createClaimWait } from './claim-wait.ts'
import { evaluate, machineRestarted } from './outcome.ts'

export async function createLocal (first: LocalConfig, context: PluginContext): Promise<Plugin<LocalConfig>> {
  const { scratchPath, log } = context
  makeJobsFolder(scratchPath)
  const boot = bootId()
  const accounts = createAccounts()
  const cgroups = openCgroups(context.instance)
  const spawner = createSpawner()
  const fileWatcher = createFileWatcher()
  const sharedReads = createSharedReads()
  const userFiles = createUserFileReader()
  const ports = createPorts()
  const measurements = new Map<string, Measured>()
  /** Processes of jobs that were asked to stop, found outside their process groups. */
  const terminated = new Map<string, ProcessStat[]>()
  const spawnLog = await openSpawnLog(scratchPath, boot)
  const age = createMonotonicAge()
  const claimWait = createClaimWait(folderOf)
  const exitWatcher = createExitWatcher(id => {
    claimWait.ended(id)
    context.changed(id)
  })
  let settings = first
  const policyReloader = await openPolicy(first, { log, onLoad: context.counts.policyLoaded })
  const inherited = inheritedDescriptors()
  if (inherited.length > 0) {
    log.warn({ descriptors: inherited }, "the launcher's parent left descriptors open, and jobs get them too")
  }

  function folderOf (id: string): string {
    return jobFolder(scratchPath, id)
  }

  const defaultUser = context.serverUser ?? ownUserName()
  function runAs (user: string): string {
    return user === defaultUser ? settings.serverUser ?? user : user
  }

  function rules (): LocalRules {
    return {
      profiles: policyReloader.current().policy,
      can: cgroups.can,
      allowUnenforced: settings.allowUnenforcedLimits,
      accountOf: user => accounts.accountOf(runAs(user))
    }
  }

  function releaseResources (id: string): void {
    exitWatcher.markEnded(id)
    ports.release(id)
    measurements.delete(id)
    terminated.delete(id)
    claimWait.forget(id)
    age.forget(id)
  }

  async function start (job: Job): Promise<void> {
    const { id, submission } = job
    const folder = folderOf(id)
    const fresh = makeJobFolder(folder)
    if (!fresh && (exitWatcher.hasChild(id) || isClaimed(folder))) return
    if ((spawnLog.bootOf(id) ?? boot) !== boot) return
    let record = !fresh && isPrepared(folder) ? readRecord(folder) : undefined
    if (record === undefined) {
      const account = await accounts.accountOf(runAs(job.user))
      record = recordOf(job, account, await ports.assign(id, submission.exposedPorts ?? []))
      writeJobFiles(folder, {
        record,
        launchScript: launchScript({ id, submission, account, ports: record.ports }),
        stdin: submission.stdin,
        owner: accounts.switchTo(account)?.account
      })
    }
    await spawnLog.add(id)
    const cgroup = cgroups.make(id, submission)
    exitWatcher.watchChild(
      id,
      await spawnSupervisor(spawner, {
        id,
        folder,
        bootId: boot,
        cgroup,
        otherUser: accounts.switchTo(record.account)
      })
    )
  }

  return {
    capabilities: capabilitiesOf(cgroups.can),

    decide: (submission, subject) => decide(submission, subject, rules()),

    entitlements: async subject => entitlementsOf(policyReloader.current(), subject),

    async start (job) {
      try {
        await start(job)
      } catch (error) {
        throw retryableIfSystem(error)
      }
    },

    async observe (job): Promise<Observation> {
      const { id } = job
      const folder = folderOf(id)
      const spawnedIn = spawnLog.bootOf(id) ?? boot
      const reading = readSupervisor(folder, boot, spawnedIn)
      if (reading === undefined && spawnedIn !== boot) {
        releaseResources(id)
        return { state: 'ended', outcome: machineRestarted() }
      }
      if (reading === undefined) return claimWait.observe(id, exitWatcher.hasChild(id))
      if (reading.state === undefined && exitWatcher.hasChild(id)) return { state: 'pending', requeueAfterMs: CLAIM_MS }
      const finding = evaluate(job, reading, at => age.since(id, at))
      switch (finding.kind) {
        case 'pending':
          return { state: 'pending', requeueAfterMs: finding.requeueAfterMs }
        case 'active': {
          const { started, state, requeueAfterMs } = finding
          exitWatcher.watch(id, started)
          if (job.submission.exposedPorts !== undefined) ports.keep(id, readRecord(folder)?.ports ?? [])
          if (finding.kill) await kill(treeOf(id, started, readRecord(folder)), terminated.get(id))
          const message = unenforcedMessage(job.submission.resourceLimits ?? [], cgroups.can)
          return {
            state,
            startTime: started.startTime,
            pid: started.pid,
            host: hostname(),
            ...(message !== undefined && { message }),
            ...(requeueAfterMs !== undefined && { requeueAfterMs })
          }
        }
        case 'ended': {
          const { started, outcome, endTime } = finding
          if (started !== undefined && (finding.orphans || terminated.has(id))) {
            await kill(treeOf(id, started, readRecord(folder)), terminated.get(id))
          }
          cgroups.remove(id, job.submission)
          releaseResources(id)
          return {
            state: 'ended',
            outcome,
            ...(started && { startTime: started.startTime }),
            ...(endTime !== undefined && { endTime })
          }
        }
      }
    },

    async control (job, operation) {
      const folder = folderOf(job.id)
      if (operation === 'cancel') return claimForCancel(folder)
      try {
        if (job.intent !== undefined) writeIntent(folder, job.intent)
      } catch (err) {
        // Only a launcher that has lost its database reads it, and on a full disk a job must be killable.
        log.warn({ err, job: job.id }, 'request not noted in the job folder')
      }
      const run = findRunningJob(folder, boot)
      if (run === undefined) return
      const tree = treeOf(job.id, run.started, run.record)
      if (operation === 'stop') terminated.set(job.id, await terminate(tree))
      else if (operation === 'kill') await kill(tree, terminated.get(job.id))
      else await { suspend, resume }[operation](tree)
    },

    list: () => jobIds(scratchPath),

    async recover (id) {
      return recoverJob(folderOf(id))
    },

    async output (job, request) {
      const folder = folderOf(job.id)
      const account = readRecord(folder)?.account
      const files = outputFiles(job.submission, folder, async (path, offset) => account &&
        await userFiles.open(path, offset, { become: becomeCommand(accounts.switchTo(account)) }))
      return await openFileOutput(
        {
          files,
          fileWatcher,
          sharedReads,
          isEnded: () => hasEnded(job, folder, boot),
          onEnd: listener => exitWatcher.onEnd(job.id, listener)
        },
        request
      )
    },

    async network (job) {
      const { record } = requireRunningJob(job, folderOf(job.id), boot)
      return networkOf(record.ports, job.submission.exposedPorts ?? [], (port, protocol) =>
        listensAs(record.account.uid, port, protocol))
    },

    async resources (job) {
      const { record, started } = requireRunningJob(job, folderOf(job.id), boot)
      const processes = await processesOf(treeOf(job.id, started, record))
      const measured = addUp(processes, memoryOf, Date.now(), measurements.get(job.id))
      measurements.set(job.id, measured)
      return measured
    },

    async destroy (job) {
      cgroups.remove(job.id, job.submission)
      // The folder first: on a full disk it makes the room that the log needs.
      removeFolder(folderOf(job.id))
      await spawnLog.remove(job.id)
      releaseResources(job.id)
    },

    async health () {
      try {
        await access(jobsFolder(scratchPath), constants.W_OK)
        return { ready: true }
      } catch (error) {
        return {
          ready: false,
          message: `The folder ${jobsFolder(scratchPath)} cannot be written (${systemCode(error)}).`
        }
      }
    },

    async reload (config) {
      await policyReloader.replace(policyLoader(config))
      settings = config
      log.info('took the new configuration')
    },

    async close () {
      policyReloader.close()
      exitWatcher.close()
      fileWatcher.close()
      cgroups.close()
      await spawner.close()
      await spawnLog.close()
    }
  }
}
