import t, { type Test } from 'tap'
import type { Finding } from '../../../../launcher/plugin.ts'
import { checkClaim } from '../../../../plugins/kubernetes/doctor/data-claim.ts'
import { json, tinyServer } from '../client/tiny-server.ts'

const refusal = { kind: 'Status', reason: 'NotFound', message: 'no' }

/** The finding for these replies of the server: a status, and an object if it is 200. */
async function found (t: Test, claim: [number, object?], storageClass: [number, object?] = [404]): Promise<Finding> {
  const { client } = await tinyServer(t, ({ url }, reply) => {
    const [status, body = refusal] =
      url === '/api/v1/namespaces/n/persistentvolumeclaims/data'
        ? claim
        : url === '/apis/storage.k8s.io/v1/storageclasses/fast'
          ? storageClass
          : [500]
    json(reply, status, body)
  })
  return await checkClaim(client, 'n', 'data')
}

const claimOf = (phase: string, spec: object = {}, metadata: object = {}): [number, object] => [
  200,
  { metadata, spec, status: { phase } }
]

t.test('a bound claim is ok', async t => {
  t.strictSame(await found(t, claimOf('Bound')), {
    check: 'data-claim',
    state: 'ok',
    message: 'Claim data in n has a volume.'
  })
})

t.test('a claim that does not exist, is being deleted or has lost its volume is missing', async t => {
  t.match(await found(t, [404]), {
    check: 'data-claim',
    state: 'missing',
    message: 'Claim data does not exist in n (the server: no).',
    help: /^Create it, or set another data-dir-pvc-name/
  })
  t.match(await found(t, claimOf('Bound', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })), {
    state: 'missing',
    message: 'Claim data in n is being deleted.'
  })
  t.match(await found(t, claimOf('Lost')), { state: 'missing', message: 'Claim data in n has lost its volume.' })
})

t.test('the finding for an unbound claim depends on its storage class', async t => {
  const pending = claimOf('Pending', { storageClassName: 'fast' })
  t.match(await found(t, pending, [200, { volumeBindingMode: 'WaitForFirstConsumer' }]), {
    state: 'ok',
    message: 'Claim data in n gets its volume with the first job that mounts data.'
  })
  t.match(await found(t, pending, [200, { volumeBindingMode: 'Immediate' }]), {
    state: 'missing',
    message: 'Claim data in n has no volume yet.',
    help: /storage class fast/
  })
  t.match(await found(t, pending), {
    state: 'missing',
    message: 'Claim data in n has no volume, and its storage class fast does not exist.'
  })
  t.match(await found(t, claimOf('Pending')), {
    state: 'missing',
    message: 'Claim data in n has no volume, and no storage class that would create one.'
  })
  t.match(await found(t, pending, [403]), {
    state: 'skipped',
    message:
      'Claim data in n has no volume yet; its storage class fast, which decides when it gets one, could not be ' +
      'checked (the server: no).'
  })
})

t.test('a claim that must not be read is skipped', async t => {
  t.match(await found(t, [403]), { state: 'skipped', message: 'Claim data could not be checked (the server: no).' })
})
