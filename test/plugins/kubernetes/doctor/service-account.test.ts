import t from 'tap'
import { checkAccount } from '../../../../plugins/kubernetes/doctor/service-account.ts'
import { collect } from '../../../fixtures/collect.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const status = (message: string): object => ({ kind: 'Status', reason: 'Reason', message })

t.test('the account and each of its image pull secrets are checked, and no Secret is read', async t => {
  const accepted: unknown[] = []
  const { client, requests } = await tinyServer(t, ({ url, headers }, reply) => {
    if (url!.endsWith('/serviceaccounts/runner')) {
      return json(reply, 200, { imagePullSecrets: [{ name: 'here' }, { name: 'gone' }, { name: 'hidden' }] })
    }
    accepted.push(headers.accept)
    json(
      reply,
      url!.endsWith('/here') ? 200 : url!.endsWith('/gone') ? 404 : 403,
      url!.endsWith('/here') ? {} : status('no')
    )
  })
  t.match(await collect(checkAccount(client, 'n', 'runner')), [
    { check: 'service-account', state: 'ok', message: 'Service account runner exists in n.' },
    { check: 'image-pull-secrets', state: 'ok', message: 'Secret here exists in n.' },
    {
      check: 'image-pull-secrets',
      state: 'missing',
      message: 'Secret gone does not exist in n (the server: no).',
      help: /docker-registry gone/
    },
    { check: 'image-pull-secrets', state: 'skipped', message: /Secret hidden could not be checked/ }
  ])
  t.equal(requests.length, 4)
  for (const form of accepted) t.match(form, /^application\/json;as=PartialObjectMetadata;/)
})

t.test('the default service account of the namespace is checked if none is configured', async t => {
  const { client, requests } = await tinyServer(t, (_, reply) => json(reply, 200, {}))
  t.match(await collect(checkAccount(client, 'n', undefined)), [
    { state: 'ok' },
    { check: 'image-pull-secrets', state: 'ok', message: 'Service account default has none.' }
  ])
  t.strictSame(requests, ['GET /api/v1/namespaces/n/serviceaccounts/default'])
})

t.test('the secrets of a missing or unreadable account are skipped', async t => {
  for (const [code, state] of [[404, 'missing'], [403, 'skipped']] as const) {
    const { client } = await tinyServer(t, (_, reply) => json(reply, code, status('no')))
    t.match(await collect(checkAccount(client, 'n', 'runner')), [
      { check: 'service-account', state, message: /\(the server: no\)/ },
      { check: 'image-pull-secrets', state: 'skipped' }
    ])
  }
})
