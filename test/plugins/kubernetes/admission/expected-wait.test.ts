import t from 'tap'
import { expectedWait } from '../../../../plugins/kubernetes/admission/expected-wait.ts'

const accepted = { verdict: { state: 'accepted' } } as const
const waits = (message: string, reason?: string) =>
  ({ verdict: { state: 'waits', message }, ...(reason !== undefined && { reason }) }) as const
const unknown = (message: string) => ({ verdict: { state: 'unknown', message } }) as const

t.test('a job that the cluster accepts waits for nothing', async t => {
  t.equal(expectedWait([]), undefined)
  t.equal(expectedWait([['Job', accepted], ['Pod', accepted]]), undefined)
})

t.test('a job waits for the first object that the cluster would not accept now', async t => {
  t.strictSame(
    expectedWait([['Job', accepted], ['Secret', waits('Secrets.')], ['Pod', waits('Pods.', 'QuotaExceeded')]]),
    { state: 'waits', message: 'Secrets.' }
  )
  t.strictSame(
    expectedWait([['Job', unknown('No answer.')], ['Pod', waits('Pods.', 'QuotaExceeded')]]),
    { state: 'waits', reason: 'QuotaExceeded', message: 'Pods.' },
    'a verdict has precedence over a missing one'
  )
})

t.test('a job does not wait for its Service, because it runs without', async t => {
  t.equal(expectedWait([['Job', accepted], ['Service', waits('Services.', 'QuotaExceeded')]]), undefined)
  t.equal(expectedWait([['Job', accepted], ['Service', unknown('No answer.')], ['Pod', accepted]]), undefined)
})

t.test('the first object without an answer is named', async t => {
  t.strictSame(expectedWait([['Job', accepted], ['Pod', unknown('No answer.')]]), {
    state: 'unknown',
    message: 'It is not known whether the cluster accepts the Pod of the job now: No answer.'
  })
})
