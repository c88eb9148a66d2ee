import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('the launcher is alive at once, and ready when jobs are adopted and each cluster is ready', async t => {
  let ready = true
  const { server, begin } = await scriptedApp(t, {
    async health () {
      return ready ? { ready } : { ready, message: 'It is away.' }
    }
  })
  t.strictSame((await server.inject('/health/live')).json(), { live: true })
  const before = await server.inject('/health/ready')
  t.equal(before.statusCode, 503)
  t.match(before.json(), { ready: false, adopted: false })
  await begin()
  const after = await server.inject('/health/ready')
  t.equal(after.statusCode, 200)
  t.strictSame(after.json(), { ready: true, adopted: true, clusters: [{ name: 'Local', ready: true }] })
  ready = false
  const away = await server.inject('/health/ready')
  t.equal(away.statusCode, 503)
  t.match(away.json(), { ready: false, adopted: true, clusters: [{ message: 'It is away.' }] })
})

t.test('metrics are text for Prometheus', async t => {
  const { server } = await scriptedApp(t)
  const reply = await server.inject('/metrics')
  t.match(reply.headers['content-type'], /^text\/plain; version=/)
  t.match(reply.body, /^# HELP job_launcher_jobs /m)
})
