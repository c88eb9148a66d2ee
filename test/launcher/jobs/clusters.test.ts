import { stat } from 'node:fs/promises'
import pino from 'pino'
import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { openCluster, reloadClusters } from '../../../launcher/jobs/clusters.ts'
import { createMetrics } from '../../../launcher/metrics.ts'
import type { Plugin, PluginContext } from '../../../launcher/plugin.ts'
import { scriptedConfig, scriptedDefinition } from '../../fixtures/scripted-app.ts'
import { scriptedCluster, scriptedPlugin } from '../../fixtures/scripted-plugin.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const CONTEXT: Omit<PluginContext, 'cluster' | 'scratchPath'> = {
  instance: 'test',
  serverUser: 'host',
  log: pino({ level: 'silent' }),
  environment: {},
  counts: createMetrics().countsOf('Local'),
  changed () {},
  startRulesChanged () {}
}

t.test('the plugin of the cluster gets its configuration and a folder of its own', async t => {
  const [config] = scriptedConfig(await temporaryFolder(t), {}, { config: { a: 1 } }).clusters
  const plugin = scriptedPlugin()
  const given: unknown[] = []
  const cluster = await openCluster(config!, [{
    ...scriptedDefinition(plugin),
    async create (...values) {
      given.push(...values)
      return plugin
    }
  }], CONTEXT)
  t.strictSame(given, [{ a: 1 }, { ...CONTEXT, cluster: 'Local', scratchPath: config!.scratchPath }])
  t.equal((await stat(config!.scratchPath)).mode & 0o777, 0o700)
  t.equal(cluster.plugin, plugin)
})

t.test('a plugin of another contract version is refused', async t => {
  const [config] = scriptedConfig(await temporaryFolder(t)).clusters
  const definition = { ...scriptedDefinition(scriptedPlugin()), contract: 2 as 1 }
  await t.rejects(openCluster(config!, [definition], CONTEXT), {
    code: 'ConfInvalid',
    message: 'The plugin Scripted has contract version 2; this launcher supports version 1.'
  })
})

/** Two clusters, the values that their plugins were reloaded with, and new configurations for both. */
function twoClusters (second: Partial<Plugin> = {}) {
  const reloaded: unknown[] = []
  const reload = async (config: unknown): Promise<void> => { reloaded.push(config) }
  const clusters = new Map([
    ['A', scriptedCluster(scriptedPlugin({ reload }), { name: 'A', config: 'old A' })],
    ['B', scriptedCluster(scriptedPlugin({ reload, ...second }), { name: 'B', config: 'old B' })]
  ])
  const configs = [...clusters.values()].map(({ name, config }) =>
    ({ ...config, config: `new ${name}`, concurrency: 1, maxWaitingJobs: 2 }))
  return { clusters, configs, reloaded }
}

t.test('a reload replaces the configuration and the concurrency of open clusters, and opens none', async t => {
  const { clusters, configs, reloaded } = twoClusters()
  await reloadClusters(clusters, [...configs, { ...configs[0]!, name: 'C' }])
  t.strictSame(reloaded, ['new A', 'new B'])
  t.match([...clusters.values()], [
    { name: 'A', config: { maxWaitingJobs: 2 }, starts: { concurrency: 1 } },
    { name: 'B', config: { maxWaitingJobs: 2 }, starts: { concurrency: 1 } }
  ])
})

t.test('a reload that one plugin rejects restores the others, and changes no cluster', async t => {
  const { clusters, configs, reloaded } = twoClusters({
    async reload () { throw new LauncherError('ConfInvalid', 'No.') }
  })
  await t.rejects(reloadClusters(clusters, configs), { message: 'No.' })
  t.strictSame(reloaded, ['new A', 'old A'])
  t.match([...clusters.values()], [{ config: { config: 'old A', maxWaitingJobs: 1000 }, starts: { concurrency: 8 } }])
})
