import t from 'tap'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

t.test('a cluster has an empty queue with the bound of its configuration', async t => {
  const plugin = scriptedPlugin()
  const { name, type, starts, accepting, retrying, config, ...rest } = scriptedCluster(plugin, {
    name: 'A',
    concurrency: 3
  })
  t.strictSame(
    {
      name,
      type,
      accepting,
      retrying: retrying.size,
      size: starts.size,
      pending: starts.pending,
      concurrency: starts.concurrency
    },
    { name: 'A', type: 'Scripted', accepting: 0, retrying: 0, size: 0, pending: 0, concurrency: 3 }
  )
  t.equal(config.name, 'A')
  t.equal(rest.plugin, plugin)
})
