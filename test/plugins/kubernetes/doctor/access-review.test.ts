import t from 'tap'
import { text } from 'node:stream/consumers'
import { checkRights, rightFinding } from '../../../../plugins/kubernetes/doctor/access-review.ts'
import { RIGHTS, roleText } from '../../../../plugins/kubernetes/doctor/rbac.ts'
import { collect } from '../../../fixtures/collect.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const config = { namespace: 'n' }
const data = { source: { persistentVolumeClaim: { claimName: 'data' } }, waitSeconds: 1 }

t.test('each verb of each right is reviewed, and the first finding that lacks a right has the Role', async t => {
  const reviewed: unknown[] = []
  const { client } = await tinyServer(t, async (request, reply) => {
    const { resourceAttributes } = JSON.parse(await text(request)).spec
    reviewed.push(resourceAttributes)
    json(reply, 201, { status: { allowed: resourceAttributes.verb !== 'delete' } })
  })
  const findings = await collect(checkRights(client, { ...config, data }))
  t.equal(reviewed.length, RIGHTS.flatMap(({ verbs }) => verbs).length)
  t.ok(
    reviewed.some(
      attributes =>
        JSON.stringify(attributes) ===
        JSON.stringify({ namespace: 'n', group: '', resource: 'pods', subresource: 'log', verb: 'get' })
    )
  )
  t.strictSame(
    findings.map(({ state }) => state),
    RIGHTS.map(({ verbs, optional }) => (!verbs.includes('delete') ? 'ok' : optional === true ? 'warning' : 'missing'))
  )
  t.strictSame(
    findings
      .filter(({ attachment }) => attachment !== undefined)
      .map(({ message, attachment }) => [message, attachment]),
    [['May not delete jobs in n.', roleText()]]
  )
})

t.test('a right for the claim is reviewed only if the data of the host is a claim', async t => {
  const { client } = await tinyServer(t, (_, reply) => json(reply, 201, { status: { allowed: true } }))
  const claims = async (keys: object) =>
    (await collect(checkRights(client, { ...config, ...keys }))).filter(({ message }) =>
      message.includes('persistentvolumeclaims')
    ).length
  t.strictSame([await claims({}), await claims({ data })], [0, 1])
})

t.test('a missing optional right is a warning, and the help has its purpose', async t => {
  const right = { group: 'metrics.k8s.io', resource: 'pods', verbs: ['get'], why: 'To see.' }
  t.match(rightFinding('n', right, []), { state: 'ok', message: 'May get pods.metrics.k8s.io in n.' })
  t.match(rightFinding('n', right, ['get']), {
    state: 'missing',
    message: 'May not get pods.metrics.k8s.io in n.',
    help: /To see\.$/
  })
  t.match(rightFinding('n', { ...right, optional: true }, ['get']), { state: 'warning' })
})

t.test('a server that rejects access reviews is reported once', async t => {
  for (const [status, state] of [[403, 'missing'], [400, 'skipped']] as const) {
    const { client } = await tinyServer(t, (_, reply) => json(reply, status, { kind: 'Status', message: 'not you' }))
    t.match(await collect(checkRights(client, config)), [
      { check: 'rights', state, message: /\(the server: not you\)/ }
    ])
  }
})
