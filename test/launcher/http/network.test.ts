import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('addresses and resources are reported while the job runs, and refused before', async t => {
  let running = false
  const { server, jobs } = await scriptedApp(t, {
    async network () {
      if (!running) throw new LauncherError('JobNotRunning', 'Not yet.')
      return {
        host: 'h',
        addresses: ['10.0.0.1'],
        ports: [{ targetPort: 80, publishedPort: 8080, protocol: 'TCP', address: '10.0.0.1' }]
      }
    },
    async resources () { return { time: 0, cpuSeconds: 1.5, cpus: 0.5, residentBytes: 4096, processes: 2 } }
  })
  const { job: { id } } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  t.match((await server.inject(`/v1/jobs/${id}/network`)).json(), { code: 'JobNotRunning', status: 409 })
  running = true
  t.strictSame((await server.inject(`/v1/jobs/${id}/network`)).json(), {
    host: 'h',
    addresses: ['10.0.0.1'],
    ports: [{ targetPort: 80, publishedPort: 8080, protocol: 'TCP', address: '10.0.0.1' }]
  })
  t.strictSame((await server.inject(`/v1/jobs/${id}/resources`)).json(), {
    time: '1970-01-01T00:00:00.000Z',
    cpuSeconds: 1.5,
    cpus: 0.5,
    residentBytes: 4096,
    processes: 2
  })
})

t.test(
  'the resource stream omits what could not be measured, and ends when the job no longer runs',
  async t => {
    let asked = 0
    const { server, jobs } = await scriptedApp(t, {
      async resources () {
        asked += 1
        if (asked === 2) throw new LauncherError('ResourcesNotAvailable', 'Not now.')
        if (asked > 3) throw new LauncherError('JobNotRunning', 'Over.')
        return { time: 0, cpuSeconds: asked, residentBytes: 1 }
      }
    })
    const {
      job: { id }
    } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
    const reply = await server.inject({
      url: `/v1/jobs/${id}/resources?intervalSeconds=1`,
      headers: { accept: 'text/event-stream' }
    })
    t.strictSame(
      Array.from(reply.body.matchAll(/event: resources\ndata: (.*)/g), match => JSON.parse(match[1]!).cpuSeconds),
      [1, 3]
    )
  }
)
