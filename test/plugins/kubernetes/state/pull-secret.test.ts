import t from 'tap'
import { mayLackPullSecret, withPullSecret } from '../../../../plugins/kubernetes/state/pull-secret.ts'

const pulling = {
  reason: 'ImagePullBackOff', deadline: 'image pull', message: 'The image x cannot be pulled: no.'
} as const
const event = (message: string) => ({ reason: 'FailedToRetrieveImagePullSecret', message })

t.test('a pull secret that the node cannot read is named, with its namespace and the words of the node', async t => {
  const words = 'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.'
  t.strictSame(withPullSecret(pulling, { pullSecrets: ['good', 'regcred'] }, [event(words)], 'jobs'), {
    ...pulling,
    message: 'The image x cannot be pulled: no. The node cannot read an image pull secret of the pod, which must ' +
      'exist in the namespace jobs: regcred. The operator creates what is missing, or removes the name from the base ' +
      'Job or the service account (the node: Unable to retrieve some image pull secrets (regcred); attempting to ' +
      'pull the image may not succeed).'
  })
})

t.test('several secrets are named, and all of the pod if the node names none', async t => {
  const named = withPullSecret(pulling, { pullSecrets: ['a'] }, [event('some image pull secrets (a, b); oh')], 'jobs')
  t.match(named.message, /cannot read image pull secrets of the pod, .* jobs: a, b\. The operator/)
  const unnamed = withPullSecret(pulling, { pullSecrets: ['a'] }, [event('oh')], 'jobs')
  t.match(unnamed.message, /an image pull secret of the pod, .* jobs: a\. /)
})

t.test('a job says nothing of secrets without the event or secrets, or if it waits for something else', async t => {
  const other = { message: 'The node is preparing the container.' }
  const pullSecrets = ['a']
  t.equal(withPullSecret(pulling, { pullSecrets }, [{ reason: 'Failed', message: 'x' }], 'jobs'), pulling)
  t.equal(withPullSecret(pulling, {}, [event('x')], 'jobs'), pulling)
  t.equal(withPullSecret(other, { pullSecrets }, [event('x')], 'jobs'), other)
  t.notOk(mayLackPullSecret(pulling, {}))
})
