// The Local plugin: puts the parts together in the shape of the contract.

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { hostname } from 'node:os'
import { systemCode } from '../../launcher/errors.ts'
import { bootId } from './boot-id.ts'
import { openFileOutput } from '../../launcher/plugin-kit/file-output.ts'
import { createGrowth } from '../../launcher/plugin-kit/file-watcher.ts'
import { inheritedDescriptors } from '../../launcher/lib/inherited-descriptors.ts'
import { admittedBy } from '../../launcher/plugin-kit/refusals.ts'
import { createSharedPieces } from '../../launcher/plugin-kit/shared-reads.ts'
import { stopwatch } from '../../launcher/lib/monotonic-age.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import type { Observation, Plugin, PluginContext } from '../../launcher/plugin.ts'
import { abilitiesOf } from './capabilities.ts'
import { createAccounts } from './accounts.ts'
import { openCgroups } from './cgroup.ts'
import type { LocalConfig } from './config.ts'
import { decide, type LocalRules } from './decide.ts'
import { claimForCancel, isClaimed, isPrepared, jobFolder, jobIds, jobsFolder, makeJobFolder, makeJobsFolder, readRecord, recallJob, recordOf, removeFolder, writeIntent, writeJobFiles } from './job-folder.ts'
import { launchScript } from './launch-script.ts'
import { unenforcedMessage } from './limits.ts'
import { createLiveJobs } from './exit-watcher.ts'
import { isOver, liveRun, neededRun, treeOf } from './running-job.ts'
import { networkOf } from './network.ts'
import { offerOf } from './offer.ts'
import { outputFiles } from './output-files.ts'
import { createPorts } from './ports.ts'
import { policyOf, watchPolicy } from './policy.ts'
import { addUp, memoryOf, type Measured } from './resources.ts'
import { lookAt } from './read-supervisor.ts'
import { kill, processesOf, resume, suspend, terminate } from './signals.ts'
import { createSpawner } from './spawner.ts'
import { spawnSupervisor } from './supervisor.ts'
import { CLAIM_MS, createUnclaimed } from './claim-wait.ts'
import { judge } from './outcome.ts'

export async function createLocal (first: LocalConfig, context: PluginContext): Promise<Plugin> {
  const { scratchPath, log } = context
  makeJobsFolder(scratchPath)
  const boot = bootId()
  const accounts = createAccounts()
  const cgroups = openCgroups(context.instance)
  const spawner = createSpawner()
  const growth = createGrowth()
  const shared = createSharedPieces()
  const ports = createPorts()
  const measurements = new Map<string, Measured>()
  const waited = stopwatch()
  const unclaimed = createUnclaimed(folderOf)
  const live = createLiveJobs(id => {
    unclaimed.ended(id)
    context.changed(id)
  })
  let settings = first
  const held = await watchPolicy(first, { log, tried: context.counts.policyTried })
  const inherited = inheritedDescriptors()
  if (inherited.length > 0) log.warn({ descriptors: inherited }, 'the launcher\'s parent left descriptors open, and jobs get them too')

  function folderOf (id: string): string {
    return jobFolder(scratchPath, id)
  }

  const nobodyInParticular = context.serverUser ?? ownUserName()
  function runAs (user: string): string {
    return user === nobodyInParticular ? settings['server-user'] ?? user : user
  }

  function rules (): LocalRules {
    return {
      profiles: held.inForce().policy,
      can: cgroups.can,
      allowUnenforced: settings['allow-unenforced-limits'],
      accountOf: user => accounts.accountOf(runAs(user))
    }
  }

  function foldUp (id: string): void {
    live.over(id)
    ports.release(id)
    measurements.delete(id)
    unclaimed.forget(id)
    waited.forget(id)
  }

  return {
    abilities: abilitiesOf(cgroups.can),

    admit: async (submission, who) => admittedBy(await decide(submission, who, rules())),

    explain: (submission, who) => decide(submission, who, rules()),

    describe: async who => offerOf(held.inForce(), who),

    async start (job) {
      const { id, submission } = job
      const folder = folderOf(id)
      const fresh = makeJobFolder(folder)
      if (!fresh && (live.hasChild(id) || isClaimed(folder))) return
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
      const cgroup = cgroups.make(id, submission)
      live.spawned(id, await spawnSupervisor(spawner, { id, folder, bootId: boot, cgroup, otherUser: accounts.switchTo(record.account) }))
    },

    async observe (job): Promise<Observation> {
      const { id } = job
      const folder = folderOf(id)
      const sight = lookAt(folder, boot)
      if (sight === undefined) return unclaimed.look(id, live.hasChild(id))
      if (sight.state === undefined && live.hasChild(id)) return { state: 'pending', again: CLAIM_MS }
      const finding = judge(job, sight, at => waited.since(id, at))
      switch (finding.kind) {
        case 'pending':
          return { state: 'pending', again: finding.again }
        case 'active': {
          const { started, state, again } = finding
          live.seen(id, started)
          if (job.submission.exposedPorts !== undefined) ports.keep(id, readRecord(folder)?.ports ?? [])
          if (finding.kill) await kill(treeOf(id, started, readRecord(folder)))
          const message = unenforcedMessage(job.submission.resourceLimits ?? [], cgroups.can)
          return {
            state,
            startTime: started.startTime,
            pid: started.pid,
            host: hostname(),
            ...(message !== undefined && { message }),
            ...(again !== undefined && { again })
          }
        }
        case 'ended': {
          const { started, verdict, endTime } = finding
          if (finding.orphans && started !== undefined) await kill(treeOf(id, started, readRecord(folder)))
          cgroups.remove(id, job.submission)
          foldUp(id)
          return { state: 'ended', verdict, ...(started && { startTime: started.startTime }), ...(endTime !== undefined && { endTime }) }
        }
      }
    },

    async control (job, operation) {
      const folder = folderOf(job.id)
      if (operation === 'cancel') return claimForCancel(folder)
      if (job.intent !== undefined) writeIntent(folder, job.intent)
      const run = liveRun(folder, boot)
      if (run === undefined) return
      const tree = treeOf(job.id, run.started, run.record)
      await { stop: terminate, kill, suspend, resume }[operation](tree)
    },

    list: () => jobIds(scratchPath),

    async recall (id) {
      return recallJob(folderOf(id))
    },

    async output (job, request) {
      const folder = folderOf(job.id)
      const uid = process.getuid!() === 0 ? readRecord(folder)?.account.uid : undefined
      const files = outputFiles(job.submission, folder, uid)
      return await openFileOutput({ files, growth, shared, isOver: () => isOver(job, folder, boot), onOver: ring => live.onOver(job.id, ring) }, request)
    },

    async network (job) {
      const { record } = neededRun(job, folderOf(job.id), boot)
      return networkOf(record.ports, job.submission.exposedPorts ?? [])
    },

    async resources (job) {
      const { record, started } = neededRun(job, folderOf(job.id), boot)
      const processes = await processesOf(treeOf(job.id, started, record))
      const measured = addUp(processes, memoryOf, Date.now(), measurements.get(job.id))
      measurements.set(job.id, measured)
      return measured
    },

    async forget (job) {
      cgroups.remove(job.id, job.submission)
      removeFolder(folderOf(job.id))
      foldUp(job.id)
    },

    async health () {
      try {
        await access(jobsFolder(scratchPath), constants.W_OK)
        return { ready: true }
      } catch (error) {
        return { ready: false, message: `The folder ${jobsFolder(scratchPath)} cannot be written (${systemCode(error)}).` }
      }
    },

    async reload (config) {
      const wanted = config as LocalConfig
      await held.replace(policyOf(wanted))
      settings = wanted
      log.info('took the new configuration')
    },

    async close () {
      held.close()
      live.close()
      growth.close()
      cgroups.close()
      await spawner.close()
    }
  }
}
