// A plugin as its authors write it, with the contract alone. Its jobs end as soon as they start.

import { Type } from 'typebox'
import {
  CONTRACT, isEnded, LauncherError, RetryableError, setting, stopGraceMs,
  type Decision, type ErrorCode, type Finding, type Job, type JobStatus, type JobSubmission, type Observation,
  type OutputChunk, type Plugin, type PluginContext, type PluginDefinition, type Reason, type RecoveredJob
} from 'job-launcher/plugin'

const Keys = Type.Object({
  'most-jobs': Type.Optional(Type.Integer({
    minimum: 1,
    description: 'Most jobs at once.',
    ...setting('InstantMostJobs')
  }))
})
interface Config { readonly mostJobs: number }
const REFUSED: ErrorCode = 'InvalidJob'
const EXITED: Reason = 'Exited'

function decide (submission: JobSubmission): Decision {
  const refusal = new LauncherError(REFUSED, 'The job has no command.', { field: 'command' })
  return submission.command === undefined ? { refusals: [refusal] } : { admitted: submission, refusals: [] }
}

function create (config: Config, { log, changed }: PluginContext): Plugin<Config> {
  const jobs = new Map<string, RecoveredJob>()
  return {
    capabilities: { operations: ['stop', 'cancel'], unsupportedFields: ['mounts'], output: 'mixed', limits: [] },
    entitlements: async () => ({ limits: [], ownLimits: false, policy: { since: 0, lastTried: 0 } }),
    decide: async submission => decide(submission),
    async start (job: Job) {
      if (jobs.size >= config.mostJobs) throw new RetryableError('The cluster is full.')
      jobs.set(job.id, job)
      log.info({ job: job.id, graceMs: stopGraceMs(job) }, 'job started')
      changed(job.id)
    },
    async observe ({ id, status }: Job): Promise<Observation> {
      const last: JobStatus = status
      if (!jobs.has(id) && !isEnded(last)) return { state: 'absent' }
      const message = 'The program ended.'
      return { state: 'ended', outcome: { status: 'Finished', reason: EXITED, message, exitCode: 0 } }
    },
    control: async () => {},
    async * list () { yield * jobs.keys() },
    recover: async id => jobs.get(id),
    output: async () => noOutput(),
    network: async () => { throw new LauncherError('JobNotRunning', 'The job has no ports.') },
    resources: async () => { throw new LauncherError('ResourcesNotAvailable', 'The cluster measures nothing.') },
    destroy: async ({ id }) => { jobs.delete(id) },
    health: async () => ({ ready: true }),
    reload: async () => {},
    close: async () => {}
  }
}

async function * noOutput (): AsyncGenerator<OutputChunk> {}

export const instant: PluginDefinition<typeof Keys, Config> = {
  type: 'Instant',
  contract: CONTRACT,
  keys: Keys,
  enabledBy: { key: 'Instant', default: false, description: 'Whether jobs can end as soon as they start.' },
  configOf: keys => ({ mostJobs: keys['most-jobs'] ?? 1 }),
  create: async (config, context) => create(config, context),
  async * diagnose (): AsyncGenerator<Finding> {
    yield { check: 'instant', state: 'ok', message: 'There is nothing to check.' }
  }
}
