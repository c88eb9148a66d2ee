import t from 'tap'
import { placesOf, refuseSharedPlaces, sharedPlaces } from '../../../launcher/config/shared-places.ts'
import type { ClusterConfig, LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import type { PluginDefinition } from '../../../launcher/plugin.ts'
import { scriptedConfig, scriptedDefinition } from '../../fixtures/scripted-app.ts'
import { scriptedPlugin } from '../../fixtures/scripted-plugin.ts'

const plugin: PluginDefinition = {
  ...scriptedDefinition(scriptedPlugin()),
  async jobPlace (config, { host }) {
    if (config === 'unreadable') throw new LauncherError('FileNotReadable', 'No.')
    return { id: String(config), words: `the place ${config} of ${host}`, key: 'place' }
  }
}
const environment = { host: 'here' }

function configOf (...clusters: ReadonlyArray<Partial<ClusterConfig>>): LauncherConfig {
  const config = scriptedConfig('/s')
  return {
    ...config,
    configDir: '/c',
    clusters: clusters.map((cluster, index) => {
      const name = 'ABC'[index]!
      return { ...config.clusters[0]!, name, line: 10 * index + 5, configFile: `/c/${name}.conf`, ...cluster }
    })
  }
}

const problemsOf = async (config: LauncherConfig, plugins: readonly PluginDefinition[] = [plugin]) =>
  sharedPlaces(await placesOf(config, plugins, environment))

t.test('each cluster whose place an earlier one has is a problem that names both, their lines and files', async t => {
  t.strictSame(await problemsOf(configOf({ config: 'x' }, { config: 'y' }, { config: 'x' })), [{
    file: '/c/launcher.conf',
    line: 25,
    key: '[cluster] C',
    problem: 'has its jobs in the place x of here, as the cluster A of line 5 has; each would adopt the jobs of the ' +
      'other. Give one of them another place than the other, in /c/A.conf or /c/C.conf, or remove one'
  }])
})

t.test('clusters that share a conf file are advised to have a file each', async t => {
  const shared = { config: 'x', configFile: '/c/k.conf' }
  t.match(await problemsOf(configOf(shared, shared)), [{
    problem: /Give one of them a config-file of its own, because \/c\/k.conf is that of both, and in it another place,/
  }])
})

t.test('clusters of several types, of a plugin without places and with unreadable files share nothing', async t => {
  const other = { ...plugin, type: 'Other' }
  t.strictSame(await problemsOf(configOf({ config: 'x' }, { config: 'x', type: 'Other' }), [plugin, other]), [])
  const { jobPlace: _jobPlace, ...without } = plugin
  t.strictSame(await problemsOf(configOf({ config: 'x' }, { config: 'x' }), [without]), [])
  t.strictSame(await problemsOf(configOf({ config: 'unreadable' }, { config: 'unreadable' })), [])
})

t.test('a place that the backend knows under another name is named by both names', async t => {
  const places = await placesOf(configOf({ config: 'x' }, { config: 'y' }), [plugin], environment)
  t.match(sharedPlaces(places.map(place => ({ ...place, id: 'uid' }))), [{
    problem: /^has its jobs in the place y of here, which is the place x of here, as the cluster A of line 5 has;/
  }])
  t.strictSame(sharedPlaces(places.map(place => ({ ...place, id: undefined }))), [], 'two unknown places')
})

t.test('a shared place is an invalid conf file', async t => {
  const places = await placesOf(configOf({ config: 'x' }, { config: 'x' }), [plugin], environment)
  t.throws(() => refuseSharedPlaces(places), {
    code: 'ConfInvalid',
    message: /^\/c\/launcher.conf line 15: \[cluster\] B has its jobs in /,
    details: { file: '/c/launcher.conf', line: 15 }
  })
  refuseSharedPlaces(places.slice(1))
})
