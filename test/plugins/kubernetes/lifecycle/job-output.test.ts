import t from 'tap'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import type { JobView } from '../../../../plugins/kubernetes/cache/views.ts'
import { outputOf, type JobOutputDependencies } from '../../../../plugins/kubernetes/lifecycle/job-output.ts'
import { sampleJob } from '../../../fixtures/sample-job.ts'

const JOB = sampleJob({ id: 'a' })
const RUNNING = { state: 'running', startTime: 1 } as const
const ENDED = { state: 'ended', outcome: { status: 'Finished', reason: 'Exited', message: '', exitCode: 0 } } as const

function dependencies (folder: string | undefined, sizes: Promise<{ stdout?: number }> = Promise.resolve({})) {
  const calls: unknown[] = []
  const made = {
    collector: {
      hasOutput: () => true,
      collect: (...args: unknown[]) => { calls.push(['collect', ...args]); return false },
      isOverLimit: () => true,
      truncationOf: () => ({ reason: 'LogEndLost' })
    },
    jobLogs: {
      confirm (id: string, given: string | undefined) {
        calls.push(['confirm', id, given])
        folder = given
      },
      folderOf: () => folder,
      isOverLimit: () => false,
      limit: (...args: unknown[]) => { calls.push(['limit', ...args]) },
      sizes: () => sizes,
      truncationOf: async () => ({ reason: 'LogFileChanged' })
    }
  } as unknown as JobOutputDependencies
  return { made, calls }
}

t.test('output in the data needs no collecting', async t => {
  const { made, calls } = dependencies('logs/a', Promise.resolve({ stdout: 3 }))
  const output = outputOf(JOB, undefined, made)
  t.equal(output.collect({} as TrackedPod, false, 5), true)
  t.equal(output.collect({} as TrackedPod, true, 5), true)
  t.strictSame(calls, [['limit', 'a', 5], ['limit', 'a', undefined]])
  t.equal(await output.hasAny(), true)
  t.equal(output.isOverLimit(), false)
  t.equal(await output.truncation(RUNNING), undefined, 'a program may still write')
  t.strictSame(await output.truncation(ENDED), { reason: 'LogFileChanged' })
})

t.test('data that does not answer does not delay the end of a job', async t => {
  const { made } = dependencies('logs/a', Promise.reject(new Error('hung')))
  t.equal(await outputOf(JOB, undefined, made).hasAny(), false)
})

t.test('data that hangs does not delay the end of a job', async t => {
  const { made } = dependencies('logs/a', new Promise(() => {}))
  Object.assign(made.jobLogs, { truncationOf: () => new Promise(() => {}) })
  const output = outputOf(JOB, undefined, made)
  const began = performance.now()
  t.strictSame(await Promise.all([output.hasAny(), output.truncation(ENDED)]), [false, undefined])
  t.ok(performance.now() - began < 5000, 'the calls themselves wait 10 s')
})

t.test('output of the node is collected, and the Job decides which of both it is', async t => {
  const { made, calls } = dependencies('logs/a')
  const output = outputOf(JOB, {} as JobView, made)
  t.strictSame(calls, [['confirm', 'a', undefined]])
  const pod = {} as TrackedPod
  t.equal(output.collect(undefined, true, undefined), true)
  t.equal(output.collect(pod, true, 5), false)
  t.strictSame(calls.at(-1), ['collect', 'a', pod, true, 5])
  t.equal(await output.hasAny(), true)
  t.equal(output.isOverLimit(), true)
  t.strictSame(await output.truncation(ENDED), { reason: 'LogEndLost' })
})

t.test('the collector knows whether a program may have run of which it has no record', async t => {
  const asked: unknown[] = []
  const { made } = dependencies(undefined)
  Object.assign(made.collector, { truncationOf: (...args: unknown[]) => { asked.push(args.at(-1)) } })
  const output = outputOf(JOB, undefined, made)
  const failed = { status: 'Failed', reason: 'StartTimeout', message: '' } as const
  await output.truncation(ENDED)
  await output.truncation({ state: 'ended', outcome: { ...failed, reason: 'Lost' } })
  await output.truncation({ state: 'ended', outcome: failed, startTime: 1 })
  await output.truncation({ state: 'ended', outcome: failed })
  t.strictSame(asked, [true, true, true, false])
})
