import t from 'tap'
import type { Job } from '../../../../launcher/model/job.ts'
import { createOrderedPublisher, type Transition } from '../../../../launcher/jobs/store/ordered-publisher.ts'

function build () {
  const published: number[][] = []
  const { committed, synced } = createOrderedPublisher(transitions => {
    published.push(transitions.map(({ event: { revision } }) => revision))
  })
  return { published, committed, synced }
}

const transition = (revision: number, afterSync = false): Transition => ({
  event: { revision } as Job,
  afterSync
})

t.test('a transition that may be published at its commit is published then, once', async t => {
  const { published, committed, synced } = build()
  const group = [transition(1), transition(2)]
  committed(group)
  t.strictSame(published, [[1, 2]])
  synced(group, true)
  t.strictSame(published, [[1, 2]])
})

t.test('a transition behind one that must be on disk waits with it', async t => {
  const { published, committed, synced } = build()
  const groups = [[transition(1), transition(2, true), transition(3)], [transition(4)], [transition(5, true)]]
  groups.forEach(group => committed(group))
  t.strictSame(published, [[1]])
  synced(groups[0]!, true)
  t.strictSame(published, [[1], [2, 3], [4]])
  synced(groups[1]!, true)
  synced(groups[2]!, true)
  t.strictSame(published, [[1], [2, 3], [4], [5]])
})

t.test('a transition that may never reach the disk is not published, and delays no other', async t => {
  const { published, committed, synced } = build()
  const groups = [[transition(1, true)], [transition(2)]]
  groups.forEach(group => committed(group))
  synced(groups[0]!, false)
  t.strictSame(published, [[2]])
})

t.test('a group without transitions publishes nothing', async t => {
  const { published, committed, synced } = build()
  committed([])
  synced([], true)
  t.strictSame(published, [])
})
