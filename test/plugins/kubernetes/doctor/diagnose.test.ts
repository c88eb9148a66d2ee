import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import type { Finding } from '../../../../launcher/plugin.ts'
import type { KubernetesConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { diagnoseKubernetes } from '../../../../plugins/kubernetes/doctor/diagnose.ts'
import { collect } from '../../../fixtures/collect.ts'

const log = pino({ level: 'silent' })
const REST = [
  'job-api', 'namespace', 'rights', 'quotas', 'service-account', 'image-pull-secrets', 'pod-security', 'metrics-server'
]

function diagnose (keys: Partial<KubernetesConfig>): Promise<Finding[]> {
  return collect(
    diagnoseKubernetes({ namespace: 'n', verifyCertificates: true, ...keys } as KubernetesConfig, {
      cluster: 'Kubernetes',
      scratchPath: '/none',
      log,
      environment: {}
    })
  )
}

const data = { source: { persistentVolumeClaim: { claimName: 'data' } }, waitSeconds: 1 }
const states = (findings: readonly Finding[]) => findings.map(({ check, state }) => `${check} ${state}`)

t.test('without credentials one check is missing, and the checks that need them are skipped', async t => {
  const kubeconfig = join(t.testdir({ config: '{"clusters":[],"contexts":[],"users":[]}' }), 'config')
  for (const [keys, message] of [
    [{}, /No access to the API server is configured/],
    [{ kubeconfig: '/none' }, /Cannot read \/none/],
    [{ kubeconfig }, /it names no current-context/],
    [{ apiUrl: 'https://127.0.0.1:1', tokenFile: '/none' }, /Cannot read \/none/]
  ] as const) {
    const findings = await diagnose({ ...keys, profilesFile: '/none/either' })
    t.strictSame(states(findings), [
      'credentials missing',
      'api-server skipped',
      ...REST.map(check => `${check} skipped`),
      'profile-config ok'
    ])
    t.match(findings[0], { message, help: /.\.$/ })
  }
})

t.test('without an API server one check is missing, and the rest is skipped', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const findings = await diagnose({ apiUrl: `http://127.0.0.1:${port}` })
  const runtime = { image: 'r:1', mountPath: '/r', delivery: 'auto' } as const
  t.match(states(await diagnose({ apiUrl: `http://127.0.0.1:${port}`, data, runtime })), [
    'api-server missing',
    'job-api skipped',
    'namespace skipped',
    'rights skipped',
    'quotas skipped',
    'service-account skipped',
    'image-pull-secrets skipped',
    'runtime-delivery skipped',
    'pod-security skipped',
    'data-claim skipped'
  ])
  t.strictSame(states(findings), ['api-server missing', ...REST.map(check => `${check} skipped`)])
  t.match(findings[0], { message: /ECONNREFUSED/, help: /Check the address/ })
})
