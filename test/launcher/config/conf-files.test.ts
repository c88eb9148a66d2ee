import t from 'tap'
import { Type } from 'typebox'
import { clusterFileSection, clusterSchema, clusterSection, confSections } from '../../../launcher/config/conf-files.ts'
import { plugins } from '../../../plugins/index.ts'
import { samplePlugin } from './sample-plugin.ts'

t.test('the keys of every cluster come first, unless the plugin places them', async t => {
  const keys = (properties: ReturnType<typeof samplePlugin>['keys']) =>
    Object.keys(clusterSchema({ ...samplePlugin('A'), keys: properties }).properties)
  t.strictSame(keys(Type.Object({ own: Type.Boolean() })), ['scratch-path', 'concurrency', 'max-waiting-jobs', 'own'])
  t.strictSame(
    keys(Type.Object({ own: Type.Boolean(), concurrency: Type.Integer() })),
    ['scratch-path', 'max-waiting-jobs', 'own', 'concurrency']
  )
})

t.test('the settings of the common keys have the type of the cluster in their names', async t => {
  const [first] = plugins
  t.equal(clusterFileSection(first!).keys.concurrency?.setting?.key, 'LocalConcurrency')
  t.equal(clusterSection(first!).keys['allowed-groups']?.setting?.key, 'LocalAllowedGroups')
})

t.test('each plugin has its own file and a section in launcher.conf', async t => {
  t.strictSame(confSections(plugins).map(({ file, name }) => `${file} [${name}]`), [
    'launcher.conf [server]',
    'launcher.local.conf [local]',
    'launcher.conf [cluster]',
    'launcher.kubernetes.conf [kubernetes]',
    'launcher.conf [cluster]'
  ])
})

t.test('the heading of a group of keys is a sentence', async t => {
  for (const { keys } of confSections(plugins)) {
    for (const [name, { heading }] of Object.entries(keys)) {
      if (heading !== undefined) t.match(heading, /^[A-Z].*\.$/, name)
    }
  }
})
