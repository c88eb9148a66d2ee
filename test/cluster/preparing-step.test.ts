// Jobs whose base Job has a step that does not end, on a real cluster. The plugin acts as a user with exactly the Role
// of conf-templates.

import t from 'tap'
import { IMAGE, program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace } from './plugin-driver.ts'
import { canceled } from './waiting.ts'

t.test('a step of a base Job that does not end is named with its start', { skip: noCluster }, async t => {
  const initContainers = [{ name: 'greet', image: IMAGE, command: ['sleep', '3600'] }]
  const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec: { initContainers } } } }
  const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
  const { driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
  const job = await driver.submit(program('true'))
  const why = /^The job is being prepared: its step greet runs since \d{4}-\d\d-\d\dT[\d:.]+Z\.$/
  const seen = await driver.untilSeen(job, seen => seen.state === 'pending' && why.test(seen.message ?? ''))
  t.match(seen, { state: 'pending', reason: undefined })
  await canceled(t, driver, job)
})
