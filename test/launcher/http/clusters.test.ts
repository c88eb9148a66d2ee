import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('a cluster shows its capabilities and whether it can be reached', async t => {
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
    ownLimits: true,
    policy: { since: '1970-01-01T00:00:00.000Z', lastTried: '1970-01-01T00:00:00.000Z' },
    waitingJobs: 0,
    maxWaitingJobs: 100
  }
  t.strictSame((await server.inject('/v1/clusters')).json(), { clusters: [expected] })
  t.strictSame((await server.inject('/v1/clusters/Local')).json(), expected)
  t.match((await server.inject('/v1/clusters/Mars')).json(), {
    code: 'ClusterNotFound',
    detail: 'There is no cluster Mars. The clusters are: Local.'
  })
})

t.test('a cluster shows where new jobs keep their output, and why', async t => {
  const outputPlaceMessage = 'The data is away.'
  const capabilities = {
    operations: [], unsupportedFields: [], output: 'mixed', outputPlace: 'node', outputPlaceMessage, limits: []
  } as const
  const { server } = await scriptedApp(t, { capabilities })
  t.match((await server.inject('/v1/clusters/Local')).json(), { outputPlace: 'node', outputPlaceMessage })
})

t.test('a cluster shows what the requesting user may use, and the policy that says so', async t => {
  const reach = {
    mountTypes: ['nfs'],
    dataMounts: true,
    host: false,
    baseTags: [],
    publishedPorts: [{ from: 80, to: 90 }],
    userIds: [{ from: 1, to: 2 }]
  }
  const max = { value: 4, file: '/p.conf', line: 3 }
  const asked: unknown[] = []
  const { server } = await scriptedApp(
    t,
    {
      async entitlements (subject) {
        asked.push(subject)
        return {
          limits: [
            { type: 'memory', max },
            { type: 'cpuCount', max }
          ],
          ownLimits: false,
          resourceProfiles: [
            { name: 'small', title: 'Small', limits: [{ type: 'memory', value: 2 }], placementConstraints: [] }
          ],
          serviceAccounts: ['reader'],
          reach,
          policy: { since: 1000, lastTried: 2000, problem: 'p.conf line 3: is wrong' }
        }
      }
    },
    { groupsFromRequest: true }
  )
  const show = async (headers: Record<string, string>) =>
    (await server.inject({ url: '/v1/clusters/Local', headers })).json()
  t.match(await show({ 'x-launcher-user': 'ann', 'x-launcher-groups': 'staff' }), {
    limits: [{ type: 'memory', enforced: true, max }],
    ownLimits: false,
    resourceProfiles: [{ name: 'small' }],
    serviceAccounts: ['reader'],
    reach,
    policy: {
      since: '1970-01-01T00:00:01.000Z',
      lastTried: '1970-01-01T00:00:02.000Z',
      problem: 'p.conf line 3: is wrong'
    }
  })
  t.equal((await show({ 'x-launcher-groups': 'ops' })).limits.length, 1, 'only limits that the cluster supports')
  t.strictSame(asked, [{ user: 'ann', groups: ['staff'] }, { user: 'host', groups: ['ops'] }])
})

t.test('a cluster shows how many jobs may run at once, and up to which number a priority counts', async t => {
  const line = { file: '/p.conf', line: 3 }
  const { server } = await scriptedApp(t, {
    startRules: ({ user }) => ({
      maxRunningJobs: { key: 'max-running-jobs', value: 50 },
      ...(user === 'host' && { maxPriority: { key: 'max-priority', value: 7, ...line } })
    })
  })
  t.match((await server.inject('/v1/clusters/Local')).json(), {
    maxRunningJobs: { value: 50 }, maxRunningJobsOfUser: undefined, maxPriority: { value: 7, ...line }
  })
})
