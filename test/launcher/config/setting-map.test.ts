import t from 'tap'
import { CLUSTER_KEYS, CLUSTER_SECTION_KEYS } from '../../../launcher/config/cluster-keys.ts'
import { keysOf } from '../../../launcher/config/conf-section.ts'
import { clusterSchema } from '../../../launcher/config/load-cluster.ts'
import { RENDERED_CLUSTERS, RENDERED_SERVER, renderedClusterSection } from '../../../launcher/config/setting-map.ts'
import { SERVER_KEYS } from '../../../launcher/config/server-keys.ts'
import { SETTING_KEYS } from '../../../launcher/config/settings.ts'
import { plugins } from '../../../plugins/index.ts'

const sorted = (keys: object) => Object.keys(keys).sort()

t.test('what is rendered into launcher.conf are exactly the keys it has', async t => {
  t.strictSame(sorted(RENDERED_SERVER), sorted(keysOf(SERVER_KEYS)))
  for (const cluster of RENDERED_CLUSTERS) {
    t.strictSame(sorted(renderedClusterSection(cluster)), sorted(keysOf(CLUSTER_SECTION_KEYS)))
  }
})

t.test('what is rendered into a cluster\'s file are exactly the keys its plugin has', async t => {
  for (const plugin of plugins) {
    const cluster = RENDERED_CLUSTERS.find(candidate => candidate.type === plugin.type)
    t.strictSame(sorted(cluster?.keys ?? {}), sorted(keysOf(clusterSchema(plugin))), plugin.type)
  }
  for (const { type, keys } of RENDERED_CLUSTERS) {
    for (const key of Object.keys(keysOf(CLUSTER_KEYS))) t.ok(Object.hasOwn(keys, key), `${type}: ${key}`)
  }
})

t.test('every setting is rendered somewhere, switches a cluster, or is for the host alone', async t => {
  const sections = [
    RENDERED_SERVER,
    ...RENDERED_CLUSTERS.flatMap(cluster => [cluster.keys, renderedClusterSection(cluster)])
  ]
  const used = new Set([
    ...sections.flatMap(keys => Object.values(keys).map(rendered => rendered.setting)),
    ...RENDERED_CLUSTERS.map(cluster => cluster.setting)
  ])
  t.strictSame(SETTING_KEYS.filter(key => !used.has(key)), ['Enabled'])
})
