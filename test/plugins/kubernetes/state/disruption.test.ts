import t from 'tap'
import { disruptionUnderWay, ofDisruption } from '../../../../plugins/kubernetes/state/disruption.ts'
import { NOW } from '../sample-views.ts'

t.test('a disruption counts only if it came before the end', async t => {
  const condition = (reason: string, status = 'True') => [{ type: 'DisruptionTarget', status, reason, at: NOW }]
  t.equal(ofDisruption(condition('EvictionByEvictionAPI'))?.reason, 'Evicted')
  t.equal(ofDisruption(condition('DeletionByPodGC'))?.reason, 'NodeLost')
  t.equal(ofDisruption(condition('TerminationByKubelet'), NOW)?.reason, 'Evicted')
  t.equal(ofDisruption(condition('TerminationByKubelet'), NOW - 1), undefined)
  t.equal(ofDisruption(condition('TerminationByKubelet', 'False')), undefined)
  t.equal(ofDisruption([]), undefined)
})

t.test('a disruption under way says why the cluster ends the job', async t => {
  const message = (reason: string, status = 'True') =>
    disruptionUnderWay([{ type: 'DisruptionTarget', status, reason, message: 'words' }])
  t.equal(
    message('EvictionByEvictionAPI'),
    'The cluster is ending the job to free its node (Kubernetes: EvictionByEvictionAPI: words); it is not run again.'
  )
  t.match(message('PreemptionByScheduler'), /^The cluster is ending the job to make room for a more important one \(/)
  t.match(message('DeletionByTaintManager'), /^The cluster is ending the job because its node was lost or taken out of/)
  t.equal(message('EvictionByEvictionAPI', 'False'), undefined)
})
