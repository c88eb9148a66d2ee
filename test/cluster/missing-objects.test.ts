// Jobs whose base Job needs an object that does not exist, on a real cluster. The plugin acts as a user with exactly
// the Role of conf-templates.

import t from 'tap'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace } from './plugin-driver.ts'
import { canceled, untilWaiting } from './waiting.ts'

const content = (more: object) => ({ containers: [{ name: 'content', ...more }] })
const objects = [
  ['secret', 'CreateContainerConfigError', content({ envFrom: [{ secretRef: { name: 'absent' } }] })],
  ['config map', 'CreateContainerConfigError', content({ envFrom: [{ configMapRef: { name: 'absent' } }] })],
  ['config map', 'VolumeNotReady', {
    ...content({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    volumes: [{ name: 'v', configMap: { name: 'absent' } }]
  }],
  ['persistent volume claim', 'VolumeNotReady', {
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'absent' } }]
  }]
] as const

t.test('what a base Job needs and does not exist', { skip: noCluster, timeout: 120_000 }, async t => {
  t.jobs = 4
  for (const [kind, reason, spec] of objects) {
    t.test(`a missing ${kind} with ${reason} is named with its namespace`, { buffered: true }, async t => {
      const base = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: { spec } } }
      const folder = t.testdir({ 'base.yaml': JSON.stringify(base) })
      const { cluster: { namespace }, driver } = await ownNamespace(t, { 'job-base': `${folder}/base.yaml` })
      const job = await driver.submit(program('true'))
      const why = new RegExp(
        `the ${kind} absent, which does not exist .*\\. The operator creates it in the namespace ${namespace}, or `
      )
      await untilWaiting(driver, job, reason, why)
      await canceled(t, driver, job)
    })
  }
})
