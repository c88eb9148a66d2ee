import t from 'tap'
import { expectedSlotWait, explainStart } from '../../../launcher/jobs/explain-start.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

const ann = { user: 'ann', groups: [] }

t.test('the priority of a job is explained with what counts against other users', async t => {
  const maxPriority = { key: 'max-priority', value: 5, file: '/p.conf', line: 2 }
  const ruled = scriptedCluster(scriptedPlugin({ startRules: () => ({ maxPriority }) }))
  t.strictSame(
    explainStart({ name: 'n', priority: 9 }, ann, ruled), { priority: 9, sharedPriority: 5, maxPriority }
  )
  t.strictSame(
    explainStart({ name: 'n' }, ann, scriptedCluster(scriptedPlugin())), { priority: 0, sharedPriority: 0 }
  )
})

t.test('a job is expected to wait if no slot is free, or those accepted before it take the last', async t => {
  const cluster = scriptedCluster(scriptedPlugin({ startRules: () => ({ maxRunningJobs: { key: 'k', value: 1 } }) }))
  t.equal(expectedSlotWait(ann, cluster), undefined)
  cluster.accepting++
  t.match(expectedSlotWait(ann, cluster), { state: 'waits', reason: 'WaitingForSlot' })
  cluster.accepting--
  cluster.starts.takeSlot('1', 'bob')
  t.match(expectedSlotWait(ann, cluster), { state: 'waits', reason: 'WaitingForSlot' })
})
