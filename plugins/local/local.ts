// The Local plugin: puts the parts together in the shape of the contract.

import { constants } from 'node:fs'
import { access, opendir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { LauncherError, systemCode } from '../../launcher/errors.ts'
import { bootId } from '../../launcher/lib/boot-id.ts'
import { inheritedDescriptors } from '../../launcher/lib/inherited-descriptors.ts'
import { ownUserName } from '../../launcher/lib/users.ts'
import { isEnded, type Abilities, type Job, type Network, type Observation, type Plugin, type PluginContext } from '../../launcher/plugin.ts'
import { createAccounts } from './accounts.ts'
import { checkSubmission } from './admit.ts'
import { openCgroups } from './cgroup.ts'
import type { LocalConfig } from './config.ts'
import { createGrowth } from '../../launcher/lib/growth.ts'
import { createSharedPieces } from '../../launcher/lib/shared-pieces.ts'
import { claimForCancel, isClaimed, isPrepared, jobFolder, jobsFolder, makeJobFolder, makeJobsFolder, readIntent, readRecord, recordOf, removeFolder, writeIntent, writeJobFiles, type JobRecord } from './job-folder.ts'
import { launchScript } from './launch-script.ts'
import { admitLimits, LIMIT_TYPES, unenforcedMessage } from './limits.ts'
import { createLiveJobs } from './live-jobs.ts'
import { openFileOutput, type OutputFile } from '../../launcher/lib/file-output.ts'
import { createPorts, LOCAL_ADDRESS } from './ports.ts'
import { readProfiles } from './profiles.ts'
import { addUp, memoryOf, type Measured } from './resources.ts'
import { lookAt } from './sight.ts'
import { kill, processesOf, resume, suspend, terminate } from './signals.ts'
import { spawnSupervisor } from './supervisor.ts'
import type { StartedSupervisor } from './supervisor-state.ts'
import type { Tree } from './tree.ts'
import { judge } from './verdict.ts'

const JOB_ID = /^[0-9a-hjkmnp-tv-z]{26}$/
/** Milliseconds before a job is looked at again whose supervisor has not claimed it yet. */
const CLAIM_MS = 25
/** Milliseconds before another supervisor is spawned when one ended without having claimed its job. */
const RESPAWN_MS = 1000

export async function createLocal (first: LocalConfig, context: PluginContext): Promise<Plugin> {
  const { scratchPath, log } = context
  makeJobsFolder(scratchPath)
  const boot = bootId()
  const accounts = createAccounts()
  const cgroups = openCgroups(context.instance)
  const growth = createGrowth()
  const shared = createSharedPieces()
  const ports = createPorts()
  const measurements = new Map<string, Measured>()
  const unclaimedSince = new Map<string, number>()
  const live = createLiveJobs(id => {
    if (isPrepared(folderOf(id)) && !isClaimed(folderOf(id))) unclaimedSince.set(id, Date.now())
    context.changed(id)
  })
  let settings = await loadSettings(first)
  const inherited = inheritedDescriptors()
  if (inherited.length > 0) log.warn({ descriptors: inherited }, 'the launcher\'s parent left descriptors open, and jobs get them too')

  function folderOf (id: string): string {
    return jobFolder(scratchPath, id)
  }

  async function loadSettings (config: LocalConfig) {
    const file = config['profile-config']
    return { config, profiles: file === undefined ? [] : await readProfiles(file) }
  }

  const nobodyInParticular = context.serverUser ?? ownUserName()
  function runAs (user: string): string {
    return user === nobodyInParticular ? settings.config['server-user'] ?? user : user
  }

  function isOver (job: Job): boolean {
    if (isEnded(job.status)) return true
    const sight = lookAt(folderOf(job.id), boot)
    return sight !== undefined && judge(job, sight, Date.now()).kind === 'ended'
  }

  function whileRunning (job: Job): { record: JobRecord, started: StartedSupervisor } | undefined {
    const sight = lookAt(folderOf(job.id), boot)
    const record = readRecord(folderOf(job.id))
    const started = sight?.state?.started
    return record === undefined || started === undefined || sight?.supervisor === 'gone' ? undefined : { record, started }
  }

  /** Throws JobNotRunning. */
  function running (job: Job): { record: JobRecord, started: StartedSupervisor } {
    const seen = whileRunning(job)
    if (seen === undefined) throw new LauncherError('JobNotRunning', `Job ${job.id} is not running.`)
    return seen
  }

  function treeOf (id: string, supervisor: StartedSupervisor, record: JobRecord | undefined): Tree {
    return { id, supervisor, uid: record?.account.uid ?? process.getuid!() }
  }

  function foldUp (id: string): void {
    live.over(id)
    ports.release(id)
    measurements.delete(id)
    unclaimedSince.delete(id)
  }

  return {
    abilities: abilitiesOf(cgroups.can),

    async admit (submission, user) {
      checkSubmission(submission)
      const account = await accounts.accountOf(runAs(user))
      const asked = submission.resourceLimits ?? []
      const limits = admitLimits(asked, {
        profiles: settings.profiles,
        user,
        groups: account.groupNames,
        can: cgroups.can,
        allowUnenforced: settings.config['allow-unenforced-limits']
      })
      return limits.length === asked.length ? submission : { ...submission, resourceLimits: limits }
    },

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
      live.spawned(id, await spawnSupervisor({ id, folder, bootId: boot, cgroup, otherUser: accounts.switchTo(record.account) }))
    },

    async observe (job): Promise<Observation> {
      const { id } = job
      const folder = folderOf(id)
      const sight = lookAt(folder, boot)
      if (sight === undefined) return unclaimed(id, folder)
      if (sight.state === undefined && live.hasChild(id)) return { state: 'pending', again: CLAIM_MS }
      const finding = judge(job, sight, Date.now())
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
      const seen = whileRunning(job)
      if (seen === undefined) return
      const tree = treeOf(job.id, seen.started, seen.record)
      await { stop: terminate, kill, suspend, resume }[operation](tree)
    },

    async * list () {
      for await (const entry of await opendir(jobsFolder(scratchPath))) {
        if (entry.isDirectory() && JOB_ID.test(entry.name)) yield entry.name
      }
    },

    async recall (id) {
      const record = readRecord(folderOf(id))
      if (record === undefined) return undefined
      const { user, submission, submissionTime } = record
      const intent = readIntent(folderOf(id))
      return { id, user, submission, submissionTime, ...(intent && { intent }) }
    },

    async output (job, request) {
      const files = outputFiles(job, folderOf(job.id), readRecord(folderOf(job.id)))
      return await openFileOutput({ files, growth, shared, isOver: () => isOver(job), onOver: ring => live.onOver(job.id, ring) }, request)
    },

    async network (job): Promise<Network> {
      const { record } = running(job)
      const exposed = job.submission.exposedPorts ?? []
      return {
        host: LOCAL_ADDRESS,
        addresses: [LOCAL_ADDRESS],
        ports: record.ports.map((port, index) => ({
          targetPort: port, publishedPort: port, protocol: exposed[index]?.protocol ?? 'TCP', address: LOCAL_ADDRESS
        }))
      }
    },

    async resources (job) {
      const { record, started } = running(job)
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
      settings = await loadSettings(config as LocalConfig)
      log.info('took the new configuration')
    },

    async close () {
      live.close()
      growth.close()
      cgroups.close()
    }
  }

  function unclaimed (id: string, folder: string): Observation {
    if (!isPrepared(folder)) return { state: 'absent' }
    if (live.hasChild(id)) return { state: 'pending', again: CLAIM_MS }
    const since = unclaimedSince.get(id)
    if (since !== undefined && Date.now() - since < RESPAWN_MS) {
      return { state: 'pending', again: RESPAWN_MS, message: `The supervisor ended before it could write into ${folder}; it is tried again.` }
    }
    return { state: 'unclaimed' }
  }
}

function abilitiesOf (can: (type: string) => boolean): Abilities {
  return {
    operations: ['suspend', 'resume', 'stop', 'kill', 'cancel'],
    unsupportedFields: ['container', 'runtime', 'mounts', 'resourceProfile', 'placementConstraints', 'host', 'queues'],
    output: 'separate',
    limits: LIMIT_TYPES.map(type => ({ type, enforced: can(type), ...noteOf(type, can(type)) }))
  }
}

function noteOf (type: string, enforced: boolean): { note?: string } {
  if (!enforced) return { note: 'No control group can be made on this machine.' }
  if (type === 'cpuTime') return { note: 'Holds for each process of the job by itself.' }
  if (type === 'memorySwap') return { note: 'Counts memory and swap together.' }
  return {}
}

function outputFiles ({ submission }: Job, folder: string, record: JobRecord | undefined): OutputFile[] {
  const uid = process.getuid!() === 0 ? record?.account.uid : undefined
  const file = (stream: 'stdout' | 'stderr', path: string | undefined): OutputFile =>
    path === undefined ? { stream, path: `${folder}/${stream}` } : { stream, path, given: { uid } }
  return [file('stdout', submission.stdoutFile), file('stderr', submission.stderrFile)]
}
