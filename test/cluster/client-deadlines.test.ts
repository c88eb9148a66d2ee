// Jobs whose Job or pod gets a deadline from another client while their program runs, on a real cluster. The plugin
// acts as a user with exactly the Role of conf-templates.

import t from 'tap'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { UNTIL_KILLED } from '../fixtures/shell-programs.ts'
import { program } from './busybox.ts'
import { noCluster } from './cluster.ts'
import { ownNamespace, podsOf } from './plugin-driver.ts'

t.test('deadlines that other clients set on a real cluster', { skip: noCluster, timeout: 200_000 }, async t => {
  t.jobs = 4
  const { cluster: { client, namespace }, cluster, driver } = await ownNamespace(t)
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const pods = `/api/v1/namespaces/${namespace}/pods`

  for (const object of ['Job', 'pod'] as const) {
    for (const [which, more] of [['a job', {}], ['a job with a timeout', { timeoutSeconds: 3600 }]] as const) {
      t.test(`a deadline that a client sets on the ${object} of ${which} names it`, { buffered: true }, async t => {
        const job = await driver.submit(program(UNTIL_KILLED, { stopGraceSeconds: 1, ...more }))
        await driver.untilWritten(job, 'ready')
        await driver.until(job, 'running')
        const [pod] = await podsOf(cluster, job)
        await client.call({
          method: 'PATCH',
          path: object === 'Job' ? `${jobs}/${objectName(job.id)}` : `${pods}/${pod!.metadata.name}`,
          query: { fieldManager: 'kubectl-patch' },
          contentType: 'application/merge-patch+json',
          body: { spec: { activeDeadlineSeconds: 3 } }
        })
        t.match((await driver.untilEnded(job)).outcome, {
          status: 'Failed',
          reason: 'DeadlineExceeded',
          message: /longer than the activeDeadlineSeconds of 3 s that another client \(kubectl-patch\) set in/
        })
      })
    }
  }
})
