import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { HOUR_MS } from '../../../../launcher/lib/duration.ts'
import type { OutputMode } from '../../../../plugins/kubernetes/config/output-mode.ts'
import { createDataState } from '../../../../plugins/kubernetes/process-logs/data-state.ts'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

async function scene (t: Test, mode: OutputMode = 'auto') {
  const dataPath = await temporaryFolder(t)
  const files = createLogFiles(dataPath)
  let nowMs = 5
  t.teardown(files.close)
  const state = createDataState({
    config: { mode, dataPath, folder: 'process-logs' },
    files,
    parent: 'process-logs/c0ffee000000/Kubernetes',
    link: join(await temporaryFolder(t), 'process-logs/Kubernetes'),
    former: { async note () {} },
    log: pino({ level: 'silent' }),
    onUsable () {},
    now: () => nowMs
  })
  t.match(state.problem(), { message: /has not written to the data \S+ yet\.$/ })
  await state.check()
  t.equal(state.problem(), undefined)
  const later = async (hours: number): Promise<void> => {
    nowMs += hours * HOUR_MS
    await state.check()
  }
  return { state, later }
}

t.test('after a pod could not write its process logs, auto uses the logs of the nodes for an hour', async t => {
  const { state, later } = await scene(t)
  state.failedInPod()
  await later(0.9)
  t.match(state.problem(), {
    message: /^A pod could not write .* try again within an hour\.$/, help: /^Run job-launcher doctor\./
  })
  state.failedInPod()
  await later(0.2)
  t.equal(state.problem(), undefined, 'a job that had started before does not prolong it')
})

t.test('auto waits twice as long after each further failure of a pod, at most a day', async t => {
  const { state, later } = await scene(t)
  for (const hours of [1, 2, 4, 8, 16, 24, 24]) {
    state.failedInPod()
    await later(hours - 0.1)
    t.match(state.problem(), { message: /could not write/ }, `${hours} hours`)
    await later(0.2)
    t.equal(state.problem(), undefined, `${hours} hours`)
  }
  await later(49)
  state.failedInPod()
  await later(1.1)
  t.equal(state.problem(), undefined, 'it begins again after it went well for long')
})

t.test('with data, a pod that could not write its process logs is no reason to wait', async t => {
  const { state } = await scene(t, 'data')
  state.failedInPod()
  await state.check()
  t.equal(state.problem(), undefined)
})

t.test('without a path of the data, nothing can be kept there', async t => {
  const state = createDataState({
    config: { mode: 'auto', folder: 'process-logs' },
    files: undefined,
    parent: 'process-logs',
    link: '/missing',
    former: { async note () {} },
    log: pino({ level: 'silent' }),
    onUsable () {}
  })
  await state.check()
  t.match(state.problem(), { message: /no path/, help: /Launcher\.DataDirPath/ })
  await t.rejects(state.requireRoom(), { name: 'RetryableError', message: /Launcher\.DataDirPath/ })
})
