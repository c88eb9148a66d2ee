import t from 'tap'
import { Value } from 'typebox/value'
import { kubernetesConfigOf } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { diagnoseKubernetes } from '../../plugins/kubernetes/doctor/diagnose.ts'
import { collect } from '../fixtures/collect.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { IMAGE } from './busybox.ts'
import { noCluster, silent, testCluster } from './cluster.ts'

t.test('doctor in a namespace with quotas', { skip: noCluster, timeout: 120_000 }, async t => {
  const { client, namespace, kubeconfig } = await testCluster(t)
  const path = `/api/v1/namespaces/${namespace}`
  const data = t.testdir()

  async function quota (name: string, hard: Record<string, string>): Promise<void> {
    await client.call({ method: 'POST', path: `${path}/resourcequotas`, body: { metadata: { name }, spec: { hard } } })
    for (;;) {
      const { status } = await client.call<{ status?: { used?: object } }>({
        method: 'GET', path: `${path}/resourcequotas/${name}`
      })
      if (status?.used !== undefined) return
    }
  }

  async function findings () {
    const keys = { ...Value.Create(KubernetesKeys), kubeconfig, 'kubernetes-namespace': namespace, 'data-dir': data }
    return await collect(diagnoseKubernetes(kubernetesConfigOf(keys, keptRules), {
      cluster: 'Kubernetes', scratchPath: data, log: silent, environment: {}, image: IMAGE
    }))
  }
  const ofQuotas = async () => (await findings()).filter(({ check }) => check === 'quotas')

  await t.test('a quota that is used up is a warning, and so is one that only some jobs need', async t => {
    t.match(await ofQuotas(), [{ state: 'ok', message: `Namespace ${namespace} has no quota.` }])
    await client.call({ method: 'POST', path: `${path}/secrets`, body: { metadata: { name: 'one' } } })
    await quota('full', { secrets: '1' })
    await quota('silent', { services: '0', 'count/secrets': '0' })
    t.match(await ofQuotas(), [
      {
        state: 'warning',
        message: `The quota full of the namespace ${namespace} has no room now (used: secrets 1/1), so new jobs with ` +
          'secrets or standard input wait until it has some.',
        help: new RegExp(`^Ended jobs count too: .* kubectl -n ${namespace} edit resourcequota full\\.$`)
      },
      { state: 'warning', message: / allows 0 services, so jobs that expose ports run without their Service\.$/ },
      { state: 'warning', message: / allows 0 count\/secrets, so no job with secrets or standard input can start\.$/ }
    ])
  })

  await t.test('a quota that lets no job start is missing, and no finding calls it a right', async t => {
    await quota('none', { pods: '0', 'count/jobs.batch': '0', 'requests.cpu': '0' })
    const found = await findings()
    t.match(found.filter(({ check, state }) => check === 'quotas' && state === 'missing'), [{
      message: new RegExp(`^The quota none of the namespace ${namespace} allows 0 .* and 0 .*, so no job can start`),
      help: new RegExp(`kubectl -n ${namespace} edit resourcequota none`)
    }])
    for (const { check, message, help = '' } of found) {
      t.notMatch(help, 'Jobs do not need this right', `${check}: ${message}`)
    }
    const others = found.filter(({ check, message }) => check !== 'quotas' && message.includes('exceeded quota'))
    t.ok(others.length > 0)
    for (const { help } of others) t.match(help, /Raise the quota that the server names|Remove the cause/)
  })
})
