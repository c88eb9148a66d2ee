import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { OutputMode } from '../../../../plugins/kubernetes/config/output-mode.ts'
import { createDataState } from '../../../../plugins/kubernetes/process-logs/data-state.ts'
import { createLogFiles } from '../../../../plugins/kubernetes/process-logs/log-files.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

async function scene (t: Test, mode: OutputMode = 'auto') {
  const dataPath = await temporaryFolder(t)
  const files = createLogFiles(dataPath)
  t.teardown(files.close)
  const state = createDataState({
    config: { mode, dataPath, folder: 'process-logs' },
    files,
    parent: 'process-logs/c0ffee000000/Kubernetes',
    link: join(await temporaryFolder(t), 'process-logs/Kubernetes'),
    log: pino({ level: 'silent' }),
    onUsable () {}
  })
  t.match(state.problem(), { message: /has not written to the data \S+ yet\.$/ })
  await state.check()
  t.equal(state.problem(), undefined)
  return { state }
}

t.test('after a pod could not write its process logs, auto uses the logs of the nodes', async t => {
  const { state } = await scene(t)
  state.failedInPod()
  await state.check()
  t.match(state.problem(), { message: /^A pod could not write/, help: 'Run job-launcher doctor.' })
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
    log: pino({ level: 'silent' }),
    onUsable () {}
  })
  await state.check()
  t.match(state.problem(), { message: /no path/, help: /Launcher\.DataDirPath/ })
  await t.rejects(state.requireRoom(), { name: 'RetryableError', message: /Launcher\.DataDirPath/ })
})
