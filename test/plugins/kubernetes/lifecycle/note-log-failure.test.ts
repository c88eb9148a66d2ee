import pino from 'pino'
import t, { type Test } from 'tap'
import type { Reason } from '../../../../launcher/plugin.ts'
import { noteLogFailure } from '../../../../plugins/kubernetes/lifecycle/note-log-failure.ts'
import { createJobLogs } from '../../../../plugins/kubernetes/process-logs/job-logs.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { jobOf, trackedPod } from '../sample-views.ts'
import { finished } from '../state/outcome-fixtures.ts'

const job = jobOf()

/** A job that was started with process logs, and whose end can be reported. */
async function scene (t: Test) {
  const config = { mode: 'auto', dataPath: await temporaryFolder(t), folder: 'process-logs' } as const
  const scratchPath = await temporaryFolder(t)
  const open = () => {
    const logs = createJobLogs({
      config,
      scratchPath,
      instance: 'c0ffee000000',
      cluster: 'Kubernetes',
      log: pino({ level: 'silent' }),
      onOverLimit () {},
      onUsable () {}
    })
    t.teardown(logs.close)
    return logs
  }
  const first = open()
  await first.check()
  await first.create(job.id)
  const token = first.tokenOf(job.id)!
  /** Whether the cluster uses the logs of the nodes after the end of the job. */
  const switches = async (said: string, reason: Reason = 'ProcessLogsNotWritable', jobLogs = first) => {
    const pods = [trackedPod(finished(125, { message: `job-launcher process logs: ${said}` }))]
    noteLogFailure(job, { status: 'Failed', reason, message: '' }, { cache: { podsOf: () => pods }, jobLogs })
    await jobLogs.check()
    return jobLogs.problem() !== undefined
  }
  return { first, open, token, switches }
}

for (const failure of ['missing', 'not-writable stderr sh: denied']) {
  t.test(`jobs use the logs of the nodes if the script itself reports: ${failure}`, async t => {
    const { token, switches } = await scene(t)
    t.match(token, /^[0-9a-f]{32}$/)
    t.equal(await switches(`${token} ${failure}`), true)
  })
}

t.test('a report that a program forged has no token of the job, and changes nothing for others', async t => {
  const { first, switches } = await scene(t)
  await first.create('other')
  for (const forged of ['missing', `${'0'.repeat(32)} missing`, `${first.tokenOf('other')} missing`]) {
    t.equal(await switches(forged), false, forged)
  }
})

t.test('a file that the job chose changes nothing for others', async t => {
  const { token, switches } = await scene(t)
  t.equal(await switches(`${token} not-writable stdout sh: denied`, 'OutputFileNotWritable'), false)
})

t.test('a report of a job that an earlier launcher started changes nothing for others', async t => {
  const { open, token, switches } = await scene(t)
  const jobLogs = open()
  t.equal(jobLogs.tokenOf(job.id), undefined)
  await jobLogs.check()
  t.equal(await switches(`${token} missing`, 'ProcessLogsNotWritable', jobLogs), false)
})

t.test('a repeated start keeps the token, which is forgotten with the end and with the job', async t => {
  const { first, token, switches } = await scene(t)
  await first.create(job.id)
  t.equal(first.tokenOf(job.id), token)
  await switches('', 'Exited')
  t.equal(first.tokenOf(job.id), undefined)
  t.equal(await switches(`${token} missing`), false)
  await first.create('other')
  t.not(first.tokenOf('other'), token)
  await first.remove('other')
  t.equal(first.tokenOf('other'), undefined)
})
