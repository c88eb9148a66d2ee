import t from 'tap'
import { createJobObjects, type JobObjects } from '../../../../plugins/kubernetes/cache/job-objects.ts'
import { jobViewOf, podOf } from '../sample-views.ts'

const job = (uid: string) => ({ ...jobViewOf(), jobId: 'a', uid })
const pod = (uid: string) => ({ ...podOf(), jobId: 'a', jobUid: 'j', uid })

function recorded (): { objects: JobObjects, changes: string[] } {
  const changes: string[] = []
  return { objects: createJobObjects(id => { changes.push(id) }), changes }
}

t.test('the objects of a job are known by its id, and each change is reported', async t => {
  const { objects, changes } = recorded()
  objects.podChanged('p', pod('p'), undefined)
  t.strictSame([...objects.ids()], [], 'a pod without a Job is not a job')
  objects.jobChanged('j', job('j'), undefined)
  t.match(objects.jobOf('a'), { uid: 'j' })
  t.match(objects.podsOf('a'), [{ uid: 'p', gone: false }])
  t.strictSame([...objects.ids()], ['a'])
  objects.podChanged('p', undefined, pod('p'))
  t.match(objects.podsOf('a'), [{ uid: 'p', gone: true }])
  objects.jobChanged('j', undefined, job('j'))
  t.equal(objects.jobOf('a'), undefined)
  t.strictSame(changes, ['a', 'a', 'a', 'a'])
})

t.test('a pod that a suspension deletes before it has a node is no pod of the job', async t => {
  const { objects, changes } = recorded()
  const { node: _node, ...waiting } = pod('p')
  const deleted = { ...waiting, deletedAt: 1 }
  objects.jobChanged('j', { ...job('j'), suspended: true }, undefined)
  for (const view of [waiting, deleted, undefined]) objects.podChanged('p', view, waiting)
  t.strictSame(objects.podsOf('a'), [])
  t.strictSame(changes, ['a', 'a', 'a', 'a'])
  objects.podChanged('bound', pod('bound'), undefined)
  objects.podChanged('bound', { ...pod('bound'), deletedAt: 1 }, pod('bound'))
  objects.podChanged('unseen', waiting, undefined)
  objects.podChanged('unseen', undefined, waiting)
  t.match(
    objects.podsOf('a'),
    [{ uid: 'bound', deletedWhileRunning: true }, { gone: true }],
    'a pod with a node, or whose deletion was not observed, may have run'
  )
  objects.jobChanged('j', job('j'), undefined)
  objects.podChanged('late', { ...deleted, uid: 'late' }, undefined)
  t.match(objects.podsOf('a')[2], { uid: 'late' }, 'another client deletes the pod of a Job that runs')
})

t.test('a pod whose deletion is observed before the suspension of its Job is no pod of the job either', async t => {
  const { objects } = recorded()
  const { node: _node, ...waiting } = pod('p')
  objects.jobChanged('j', job('j'), undefined)
  for (const view of [waiting, { ...waiting, deletedAt: 1 }, undefined]) objects.podChanged('p', view, waiting)
  objects.podChanged('bound', pod('bound'), undefined)
  objects.podChanged('bound', { ...pod('bound'), deletedAt: 1 }, pod('bound'))
  t.match(objects.podsOf('a'), [{ uid: 'p', gone: true }, { uid: 'bound' }])
  objects.jobChanged('j', { ...job('j'), suspended: true }, job('j'))
  t.strictSame(objects.podsOf('a').map(({ uid }) => uid), ['bound'])
})

t.test('a recreated Job stays when the first one of its name is deleted or changes late', async t => {
  const { objects } = recorded()
  objects.jobChanged('first', job('first'), undefined)
  objects.jobChanged('second', job('second'), undefined)
  objects.jobChanged('first', job('first'), job('first'))
  t.match(objects.jobOf('a'), { uid: 'second' })
  objects.jobChanged('first', undefined, job('first'))
  t.match(objects.jobOf('a'), { uid: 'second' })
})

t.test('what is left of a dropped job is ignored until all of it is deleted', async t => {
  const { objects, changes } = recorded()
  objects.jobChanged('j', job('j'), undefined)
  objects.podChanged('p', pod('p'), undefined)
  changes.length = 0
  objects.drop('a')
  objects.drop('unknown')
  objects.podChanged('late', pod('late'), undefined)
  for (const uid of ['p', 'late']) objects.podChanged(uid, undefined, pod(uid))
  objects.jobChanged('j', undefined, job('j'))
  t.strictSame([objects.jobOf('a'), objects.podsOf('a'), changes], [undefined, [], []])
  objects.podChanged('new', pod('new'), undefined)
  t.match(objects.podsOf('a'), [{ uid: 'new' }], 'the id can be used again')
})

t.test('a Job whose deletion was watched is remembered until another takes its place', async t => {
  const { objects } = recorded()
  t.equal(objects.wasDeleted('a'), false)
  objects.jobChanged('j', job('j'), undefined)
  t.equal(objects.wasDeleted('a'), false)
  objects.jobChanged('j', undefined, job('j'), true)
  t.equal(objects.wasDeleted('a'), true)
  objects.jobChanged('k', job('k'), undefined)
  t.equal(objects.wasDeleted('a'), false)
  objects.jobChanged('k', undefined, job('k'), true)
  objects.drop('a')
  t.equal(objects.wasDeleted('a'), false)
  objects.jobChanged('l', job('l'), undefined)
  objects.jobChanged('l', undefined, job('l'))
  t.equal(objects.wasDeleted('a'), false, 'a pod may have run until a list showed it')
})
