import t, { type Test } from 'tap'
import { checkQuotas } from '../../../../plugins/kubernetes/doctor/quotas.ts'
import { collect } from '../../../fixtures/collect.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

interface Sample {
  readonly name?: string
  readonly hard: Record<string, string>
  readonly used?: Record<string, string>
  readonly scopes?: string[]
  readonly scopeSelector?: object
}

async function findingsOf (t: Test, ...quotas: Sample[]) {
  const items = quotas.map(({ name = 'few', hard, used, scopes, scopeSelector }) =>
    ({ metadata: { name }, spec: { hard, scopes, scopeSelector }, status: { hard, used } }))
  const { client } = await tinyServer(t, (_, reply) => json(reply, 200, { items }))
  return await collect(checkQuotas(client, 'n'))
}

const FEW = 'The quota few of the namespace n'

t.test('a quota that lets no job start is missing, with the command that raises it', async t => {
  for (const resource of ['pods', 'count/pods', 'count/jobs.batch', 'requests.cpu', 'limits.memory', 'cpu']) {
    t.match(await findingsOf(t, { hard: { [resource]: '0', 'requests.storage': '1' } }), [{
      check: 'quotas',
      state: 'missing',
      message: `${FEW} allows 0 ${resource}, so no job can start.`,
      help: /kubectl -n n edit resourcequota few, or set another kubernetes-namespace/
    }], resource)
  }
  t.match(
    await findingsOf(t, { hard: { pods: '0', memory: '0Gi' } }),
    [{ message: / allows 0 pods and 0 memory, so / }]
  )
})

t.test('a quota that only jobs of one kind lack is a warning', async t => {
  t.match(await findingsOf(t, { hard: { services: '0', 'count/secrets': '0', pods: '5' } }), [
    { state: 'warning', message: `${FEW} allows 0 services, so jobs that expose ports run without their Service.` },
    { state: 'warning', message: `${FEW} allows 0 count/secrets, so no job with secrets or standard input can start.` }
  ])
  const selected = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['low'] }] }
  t.match(await findingsOf(t, { hard: { pods: '0' }, scopes: ['BestEffort'], scopeSelector: selected }), [{
    state: 'warning',
    message: `${FEW} allows 0 pods to pods of its scopes (BestEffort, PriorityClass), so no job within them can start.`
  }])
})

t.test('a quota that is used up now is a warning, with who waits, what is used and what helps', async t => {
  const finding = (sample: Sample) => findingsOf(t, sample)
  t.strictSame(await finding({
    hard: { pods: '2', 'requests.cpu': '4', configmaps: '1' }, used: { pods: '2', 'requests.cpu': '500m' }
  }), [{
    check: 'quotas',
    state: 'warning',
    message: `${FEW} has no room now (used: pods 2/2), so new jobs wait until it has some.`,
    help: 'Wait until others have ended, or raise it with kubectl -n n edit resourcequota few.'
  }])
  t.match(await finding({ hard: { 'requests.cpu': '4' }, used: { 'requests.cpu': '4000m' } }), [
    { state: 'warning', message: / has no room now \(used: requests\.cpu 4000m\/4\), so new jobs wait / }
  ])
  t.match(await finding({ hard: { 'count/jobs.batch': '9' }, used: { 'count/jobs.batch': '9' } }), [
    { state: 'warning', help: /^Ended jobs count too: wait until they are removed .*, or delete some, or raise it / }
  ])
  t.match(await finding({ hard: { services: '1', secrets: '1' }, used: { services: '2', secrets: '1' } }), [
    { state: 'warning', message: / so new jobs that expose ports run without their Service until it has some\.$/ },
    { state: 'warning', message: / so new jobs with secrets or standard input wait until it has some\.$/ }
  ])
  t.match(await finding({ hard: { pods: '1' }, used: { pods: '1' }, scopes: ['BestEffort'] }), [
    { state: 'warning', message: / has no room for pods of its scopes \(BestEffort\) now \(used: pods 1\/1\), so / }
  ])
})

t.test('a quota with room and one of other things are no problem', async t => {
  t.strictSame(await findingsOf(
    t,
    { name: 'roomy', hard: { pods: '2', memory: '1Gi' }, used: { pods: '1', memory: '512Mi' } },
    { name: 'fresh', hard: { pods: '2' } },
    { name: 'other', hard: { configmaps: '0' } }
  ), [
    'The quota roomy of the namespace n has room (pods 1/2, memory 512Mi/1Gi).',
    'The quota fresh of the namespace n has room (pods 0/2).',
    'The quota other of the namespace n does not concern jobs.'
  ].map(message => ({ check: 'quotas', state: 'ok', message })))
  t.match(await findingsOf(t), [{ state: 'ok', message: 'Namespace n has no quota.' }])
})

t.test('quotas that must not be read are skipped', async t => {
  const message = 'resourcequotas is forbidden: User "ann" cannot list resource "resourcequotas" in API group ""'
  const { client } = await tinyServer(t, (_, reply) => json(reply, 403, { kind: 'Status', message }))
  t.match(await collect(checkQuotas(client, 'n')), [
    { state: 'skipped', message: /^The quotas of namespace n could not be checked/, help: /do not need this right/ }
  ])
})
