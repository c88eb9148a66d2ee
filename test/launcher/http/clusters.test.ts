import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('a cluster shows what it can do and whether it can be reached', async t => {
  const { server } = await scriptedApp(t, { async health () { return { ready: false, message: 'It is away.' } } })
  const expected = {
    name: 'Local',
    type: 'Scripted',
    ready: false,
    message: 'It is away.',
    operations: ['suspend', 'resume', 'stop', 'kill', 'cancel'],
    unsupportedFields: ['container'],
    output: 'separate',
    limits: [{ type: 'memory', enforced: true }],
    waitingJobs: 0,
    maxWaitingJobs: 100
  }
  t.strictSame((await server.inject('/v1/clusters')).json(), { clusters: [expected] })
  t.strictSame((await server.inject('/v1/clusters/Local')).json(), expected)
  t.match((await server.inject('/v1/clusters/Mars')).json(), { code: 'ClusterNotFound', detail: 'There is no cluster Mars; there is Local.' })
})
