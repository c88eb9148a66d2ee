import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import { podRefusal } from '../../../../plugins/kubernetes/lifecycle/pod-refusal.ts'
import type { Objects } from '../../../../plugins/kubernetes/manifests/job-objects.ts'
import { jobOf } from '../sample-views.ts'

const JOB = { metadata: { name: 'job-1', namespace: 'n' }, spec: { template: { spec: { containers: [] } } } }
const objectsOf = () => ({ job: JOB, origins: [] }) as Objects

async function ask (error?: Error) {
  const calls: Call[] = []
  const client = {
    async call <T> (call: Call) {
      calls.push(call)
      if (error !== undefined) throw error
      return {} as T
    }
  }
  return { words: await podRefusal(jobOf(), { client, namespace: 'n', objectsOf }), calls }
}
const answer = (status: number, words: string) => new KubeApiError('POST /api/v1/pods', status, 'Forbidden', words)

t.test('the words of a rule that refuses the pod are those of the server, in a dry run', async t => {
  const { words, calls } = await ask(answer(403, 'violates PodSecurity'))
  t.equal(words, 'violates PodSecurity')
  t.match(calls, [{ method: 'POST', path: '/api/v1/namespaces/n/pods', query: { dryRun: 'All' } }])
})

t.test('a pod that is not refused, or for which there is no answer, has no words', async t => {
  for (const error of [
    undefined,
    answer(500, 'internal'),
    answer(403, 'pods is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "n"'),
    new NoAnswerError('away', 'deadline', true)
  ]) t.equal((await ask(error)).words, undefined)
})

t.test('a policy that refuses the job by now has no words', async t => {
  const refuses = () => { throw new LauncherError('InvalidJob', 'no longer') }
  const client = { call: async () => { throw new TypeError('not reached') } }
  t.equal(await podRefusal(jobOf(), { client, namespace: 'n', objectsOf: refuses }), undefined)
})
