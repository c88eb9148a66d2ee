// A real API server whose operator switched off batch/v1, the API of Jobs: the job, the health of the cluster and
// doctor name it.

import t from 'tap'
import { collect } from '../fixtures/collect.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { Value } from 'typebox/value'
import { kubernetesConfigOf } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { diagnoseKubernetes } from '../../plugins/kubernetes/doctor/diagnose.ts'
import { program } from './busybox.ts'
import { noOwnCluster, ownCluster, silent } from './cluster.ts'
import { driverOn } from './plugin-driver.ts'

t.test('an API server without batch/v1', { skip: noOwnCluster, timeout: 300_000 }, async t => {
  const cluster = await ownCluster(t, '--runtime-config=batch/v1=false')
  const driver = await driverOn(t, cluster, cluster.kubeconfig)

  await t.test('a job names the API that is not served, and waits for it', async t => {
    const job = await driver.prepare(program('true'))
    await t.rejects(driver.start(job), {
      name: 'RetryableError',
      reason: 'RefusedByCluster',
      message: 'The API server does not serve batch/v1, which has the Job of a job; the operator switches it on ' +
        'with --runtime-config of the API server (Kubernetes: 404 page not found).'
    })
    const subject = { user: 'ada', groups: [] }
    const { explanation } = await driver.plugin.decide(program('true'), subject, { explain: true })
    t.match(explanation?.objects?.[0]?.verdict, {
      state: 'waits', message: /^The API server does not serve batch\/v1, /
    })
  })

  await t.test('the cluster is not ready, and names the API', async t => {
    t.match(await driver.plugin.health(), {
      ready: false,
      message: /The API server does not serve batch\/v1: it answered GET \S+ with 404: 404 page not found\./
    })
  })

  await t.test('doctor names the API, finds the namespace, and skips what needs Jobs', async t => {
    const config = kubernetesConfigOf(
      { ...Value.Create(KubernetesKeys), kubeconfig: cluster.kubeconfig, 'kubernetes-namespace': cluster.namespace },
      keptRules
    )
    const context = { cluster: 'Kubernetes', scratchPath: t.testdir(), log: silent, environment: {} }
    const findings = await collect(diagnoseKubernetes(config, context))
    t.match(findings.filter(({ state }) => state === 'missing'), [
      {
        check: 'job-api',
        message: 'The API server does not serve batch/v1, which has the Jobs (the server: 404 page not found).',
        help: /^Switch it on: remove batch\/v1=false /
      }
    ])
    t.match(findings.find(({ check }) => check === 'namespace'), { state: 'ok' })
    t.match(findings.find(({ check }) => check === 'rights'), {
      state: 'skipped', message: 'Not checked: no job can run without batch/v1.'
    })
  })
})
