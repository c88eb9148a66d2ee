import t from 'tap'
import { quotaProblem } from '../../../../plugins/kubernetes/state/quota.ts'

const exceeded = (requested: string, used: string, limited: string): string =>
  `pods "j" is forbidden: exceeded quota: few, requested: ${requested}, used: ${used}, limited: ${limited}`

t.test('a quota that allows the job by itself lets it start when others have ended', async t => {
  for (const [requested, used, limited] of [
    ['pods=1', 'pods=2', 'pods=2'],
    ['limits.memory=512Mi,requests.cpu=500m', 'limits.memory=1Gi,requests.cpu=1', 'limits.memory=1Gi,requests.cpu=1'],
    ['limits.memory=1G', 'limits.memory=1Gi', 'limits.memory=1Gi']
  ] as const) {
    t.equal(
      quotaProblem(exceeded(requested, used, limited), 'jobs'),
      'The namespace jobs has used up its quota (few); the job starts when others have ended'
    )
  }
})

t.test('a quota of objects counts those of ended jobs, so that their end does not help', async t => {
  for (const resource of ['count/jobs.batch', 'count/pods', 'services', 'services.nodeports', 'secrets']) {
    const message = exceeded(`${resource}=1`, `${resource}=5`, `${resource}=5`)
    const when = 'when others are deleted, or are removed after JobExpiry (job-expiry-hours)'
    const start = 'The namespace jobs has used up its quota (few), which counts ended jobs too; '
    t.equal(quotaProblem(message, 'jobs'), `${start}the job starts ${when}`)
    t.equal(quotaProblem(message, 'jobs', 'Service'), `${start}the Service is created ${when}`)
  }
})

t.test('a quota that is too small for the job by itself never lets it start', async t => {
  t.equal(
    quotaProblem(exceeded('pods=1', 'pods=0', 'pods=0'), 'jobs'),
    'The quota few of the namespace jobs is too small for the job, which needs pods=1, and the quota allows pods=0; ' +
      'the job cannot start until the operator raises the quota'
  )
  t.equal(
    quotaProblem(exceeded('limits.memory=2Gi,pods=1', 'limits.memory=0,pods=5', 'limits.memory=1536Mi,pods=5'), 'jobs'),
    'The quota few of the namespace jobs is too small for the job, which needs limits.memory=2Gi, and the quota ' +
      'allows limits.memory=1536Mi; the job cannot start until the operator raises the quota'
  )
})

t.test('a message without amounts, or with unknown ones, promises no less than before', async t => {
  for (const message of ['exceeded quota: few', exceeded('x=1Zi', 'x=0', 'x=0'), exceeded('x=1', 'y=0', 'y=0')]) {
    t.equal(
      quotaProblem(message, 'jobs'),
      'The namespace jobs has used up its quota (few); the job starts when others have ended'
    )
  }
})
