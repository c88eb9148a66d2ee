import { stat } from 'node:fs/promises'
import t from 'tap'
import { buildApp } from '../../launcher/app.ts'
import { createAcceptedKeys } from '../../launcher/http/accepted-keys.ts'
import { LauncherError } from '../../launcher/errors.ts'
import { openStore } from '../../launcher/jobs/store/store.ts'
import type { PluginContext } from '../../launcher/plugin.ts'
import { jobsOf } from '../fixtures/jobs-of.ts'
import { HOST } from '../fixtures/scripted-jobs.ts'
import { KEY, scriptedApp, scriptedConfig, scriptedDefinition } from '../fixtures/scripted-app.ts'
import { scriptedPlugin, silentLog } from '../fixtures/scripted-plugin.ts'
import { temporaryFolder } from '../fixtures/temporary-store.ts'

const keys = createAcceptedKeys({ host: KEY })
const parts = { log: silentLog, instance: 'test', version: '0.0.0', environment: {}, keys }

t.test('a plugin is created with what it needs, in a folder of its own', async t => {
  let context: PluginContext | undefined
  const config = scriptedConfig(await temporaryFolder(t), {}, { config: { a: 1 } })
  const app = await buildApp({
    ...parts,
    config,
    plugins: [
      {
        ...scriptedDefinition(scriptedPlugin()),
        async create (values, given) {
          t.strictSame(values, { a: 1 })
          context = given
          return scriptedPlugin()
        }
      }
    ]
  })
  t.match(context, {
    cluster: 'Local',
    scratchPath: config.clusters[0]!.scratchPath,
    instance: 'test',
    serverUser: 'host'
  })
  t.equal((await stat(context!.scratchPath)).mode & 0o777, 0o700)
  await app.close(0)
})

t.test('a plugin of another contract version, or a failing one, prevents the start; nothing stays open', async t => {
  const folder = await temporaryFolder(t)
  const config = scriptedConfig(folder)
  const definition = scriptedDefinition(scriptedPlugin())
  await t.rejects(buildApp({ ...parts, config, plugins: [{ ...definition, contract: 2 as 1 }] }), {
    code: 'ConfInvalid',
    message: 'The plugin Scripted has contract version 2; this launcher supports version 1.'
  })
  let closed = 0
  const good = scriptedPlugin({
    async close () {
      closed++
    }
  })
  const two = {
    ...config,
    clusters: [
      config.clusters[0]!,
      { ...config.clusters[0]!, name: 'Other', type: 'Broken', scratchPath: `${folder}/Other` }
    ]
  }
  await t.rejects(
    buildApp({
      ...parts,
      config: two,
      plugins: [
        scriptedDefinition(good),
        {
          ...definition,
          type: 'Broken',
          async create () {
            throw new LauncherError('ConfInvalid', 'No.')
          }
        }
      ]
    }),
    { code: 'ConfInvalid', message: 'No.' }
  )
  t.equal(closed, 1)
  await openStore(`${folder}/jobs.db`).close()
})

t.test('two clusters in one place of jobs are refused at the start and by a reload', async t => {
  const folder = await temporaryFolder(t)
  const { clusters: [cluster], ...rest } = scriptedConfig(folder)
  const two = (first: string, second: string) => ({
    ...rest,
    clusters: [
      { ...cluster!, name: 'A', config: first },
      { ...cluster!, name: 'B', config: second, line: 9, scratchPath: `${folder}/B` }
    ]
  })
  let closed = 0
  const build = async (config: ReturnType<typeof two>, uid?: string) => await buildApp({
    ...parts,
    config,
    plugins: [{
      ...scriptedDefinition(scriptedPlugin()),
      jobPlace: async place => ({ id: String(place), words: `place ${place}`, key: 'place' }),
      create: async () => scriptedPlugin({ jobPlaceId: () => uid, async close () { closed++ } })
    }]
  })
  const refused = { code: 'ConfInvalid', message: /line 9: \[cluster\] B has its jobs in place .* cluster A of line 1/ }
  await t.rejects(build(two('x', 'x')), refused)
  t.equal(closed, 0)
  await t.rejects(build(two('x', 'y'), 'uid'), refused, 'the backend gives both places one id')
  t.equal(closed, 2)
  const app = await build(two('x', 'y'))
  await t.rejects(app.reload(two('y', 'y')), refused)
  await app.close(0)
})

t.test('a copy does not know every key of a cluster until it has listed the cluster', async t => {
  const config = scriptedConfig(await temporaryFolder(t))
  const start = async (isCopy: boolean) => {
    const plugin = scriptedPlugin({ adoptsAtOnce: !isCopy })
    const app = await buildApp({ ...parts, config, isCopy, plugins: [scriptedDefinition(plugin)] })
    if (!isCopy) await app.begin()
    const submitted = app.jobs.submit({ name: 'n', command: 'true' }, HOST, { idempotencyKey: isCopy ? 'new' : 'old' })
    const outcome = await submitted.then(() => 'accepted', error => (error as LauncherError).code)
    await app.close(0)
    return outcome
  }
  t.equal(await start(false), 'accepted')
  t.equal(await start(true), 'AdoptionIncomplete')
  t.equal(await start(false), 'accepted', 'a key that is known is repeated')
})

t.test('a reload applies what it can and names what needs a restart', async t => {
  const { reload, server, config } = await scriptedApp(t)
  t.strictSame(
    await reload({
      ...config,
      server: { ...config.server, jobExpiryMs: 1 },
      clusters: [{ ...config.clusters[0]!, concurrency: 9, maxWaitingJobs: 7 }]
    }),
    []
  )
  t.match((await server.inject('/v1/clusters/Local')).json(), { maxWaitingJobs: 7 })
  const address = { host: '127.0.0.1', port: 1 }
  t.strictSame(await reload({ ...config, server: { ...config.server, address, serverUser: 'x' } }), [
    'address',
    'server-user'
  ])
  t.equal((await server.inject('/v1/jobs')).statusCode, 200, 'the address in force decides whether a key is needed')
})

t.test('a reload that a cluster refuses changes nothing', async t => {
  const { reload, server, config } = await scriptedApp(t, {
    async reload () {
      throw new LauncherError('ConfInvalid', 'No.')
    }
  })
  await t.rejects(reload({ ...config, clusters: [{ ...config.clusters[0]!, maxWaitingJobs: 7 }] }), { message: 'No.' })
  t.match((await server.inject('/v1/clusters/Local')).json(), { maxWaitingJobs: 100 })
})

t.test('closing ends streams, keeps jobs running, and refuses new requests', async t => {
  let closed = 0
  const { server, jobs, close, plugin } = await scriptedApp(t, { async close () { closed++ } })
  const { job } = await jobs.submit({ name: 'n', command: 'true' }, HOST)
  for await (const [seen] of jobsOf(jobs.follow({ id: job.id }, undefined, new AbortController().signal))) {
    if (seen!.status === 'Running') break
  }
  const address = await server.listen({ host: '127.0.0.1', port: 0 })
  const stream = await fetch(`${address}/v1/jobs/${job.id}/events`)
  let text = ''
  const reading = (async () => { for await (const piece of stream.body!) text += Buffer.from(piece).toString() })()
  const closing = close(1000)
  await t.rejects(reading, { message: 'terminated' }, 'a stream that is cut does not look complete')
  await closing
  t.match(text, /event: job\n/)
  t.equal(closed, 1)
  t.strictSame(plugin.callsOf(job.id).filter(call => call !== 'observe'), ['start'])
})
