// The Local plugin: the methods of the contract, over the parts in parts.ts.

import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { LauncherError, retryableIfSystem, systemCode } from '../../launcher/errors.ts'
import { openFileOutput, type OutputSource } from '../../launcher/plugin-kit/file-output.ts'
import type { Job, Network, Plugin, PluginContext, Resources } from '../../launcher/plugin.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { LocalConfig } from './config.ts'
import { controlJob } from './control-job.ts'
import { readControlNote } from './control-note.ts'
import { decide } from './decide.ts'
import { entitlementsOf } from './entitlements.ts'
import { jobFolder, jobIds, jobsFolder, readRecord, recoverJob, removeFolder } from './job-folder.ts'
import { listensAs } from './listening-sockets.ts'
import { networkOf, withListening } from './network.ts'
import { observeJob } from './observe-job.ts'
import { outputFiles } from './output-files.ts'
import { closeParts, createParts, releaseJob, type Parts } from './parts.ts'
import { policyLoader } from './policy.ts'
import { addUp, memoryOf } from './resources.ts'
import { rulesOf, startRules } from './rules.ts'
import { hasEnded, requireRunningJob, treeOf } from './running-job.ts'
import { processesOf } from './signals.ts'
import { startJob } from './start-job.ts'
import { becomeCommand } from './supervisor.ts'

export async function createLocal (config: LocalConfig, context: PluginContext): Promise<Plugin<LocalConfig>> {
  const parts = await createParts(config, context)
  const { cgroups, policyReloader, scratchPath } = parts
  return {
    capabilities: capabilitiesOf(cgroups.can),
    decide: (submission, subject) => decide(submission, subject, rulesOf(parts)),
    entitlements: async subject => entitlementsOf(policyReloader.current(), subject),
    startRules: subject => startRules(subject, parts),
    async start (job) {
      await startJob(job, parts).catch(error => { throw retryableIfSystem(error) })
    },
    observe: job => observeJob(job, parts),
    control: (job, operation) => controlJob(job, operation, parts),
    adoptsAtOnce: true,
    list: () => jobIds(scratchPath),
    recover: async id => recoverJob(jobFolder(scratchPath, id)),
    notedIntent: id => readControlNote(jobFolder(scratchPath, id)).intent,
    output: async (job, request) => await openFileOutput(outputOf(job, parts), request),
    network: async job => network(job, parts),
    resources: job => resources(job, parts),
    usage: jobs => parts.jobMeasurer.measure(jobs),
    destroy: job => destroy(job, parts),
    health: () => health(parts),
    reload: next => reload(next, parts),
    close: () => closeParts(parts)
  }
}

function outputOf (job: Job, parts: Parts): OutputSource {
  const { accounts, boot, exitWatcher, fileWatcher, scratchPath, sharedReads, userFiles } = parts
  const folder = jobFolder(scratchPath, job.id)
  const account = readRecord(folder)?.account
  return {
    files: outputFiles(job.submission, folder, async (path, offset) => account &&
      await userFiles.open(path, offset, { become: becomeCommand(accounts.switchTo(account)) })),
    fileWatcher,
    sharedReads,
    isEnded: () => hasEnded(job, folder, boot),
    onEnd: listener => exitWatcher.onEnd(job.id, listener)
  }
}

function network (job: Job, { boot, scratchPath }: Parts): Network {
  const { record } = requireRunningJob(job, jobFolder(scratchPath, job.id), boot)
  if (record === undefined) {
    throw new LauncherError(
      'JobNotRunning', `The record of job ${job.id} is missing or damaged, so its ports are unknown.`
    )
  }
  return withListening(networkOf(record.ports, job.submission.exposedPorts ?? []), (port, protocol) =>
    listensAs(record.account.uid, port, protocol))
}

async function resources (job: Job, parts: Parts): Promise<Resources> {
  const { boot, measurements, scratchPath } = parts
  const { record, started } = requireRunningJob(job, jobFolder(scratchPath, job.id), boot)
  const processes = await processesOf(await treeOf(job, started, record, parts))
  const measured = addUp(processes, memoryOf, Date.now(), measurements.get(job.id))
  measurements.set(job.id, measured)
  return measured
}

async function destroy (job: Job, parts: Parts): Promise<void> {
  const { cgroups, scratchPath, spawnLog } = parts
  cgroups.remove(job.id, job.submission)
  // Remove the folder first: on a full disk this makes room for the log.
  removeFolder(jobFolder(scratchPath, job.id))
  await spawnLog.remove(job.id)
  releaseJob(job.id, parts)
}

async function health ({ scratchPath }: Parts): ReturnType<Plugin['health']> {
  const folder = jobsFolder(scratchPath)
  try {
    await access(folder, constants.W_OK)
    return { ready: true }
  } catch (error) {
    return { ready: false, message: `The folder ${folder} cannot be written (${systemCode(error)}).` }
  }
}

async function reload (config: LocalConfig, parts: Parts): Promise<void> {
  await parts.policyReloader.replace(policyLoader(config))
  parts.config = config
  parts.log.info('configuration reloaded')
}
