import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dryConfig } from '../../../launcher/doctor/load-without-writing.ts'
import { plugins } from '../../../plugins/index.ts'

t.test('the configuration of settings is that which would be rendered, and nothing is written', async t => {
  const folder = t.testdir({ 'host.gcfg': '[Launcher]\nKubernetes = true\nKubernetesNamespace = team-a\n' })
  const set = [`Launcher.ConfigDir=${folder}/conf`, 'Launcher.ScratchPath=/tmp/never-made']
  const { clusters, configDir } = await dryConfig({ settings: { file: join(folder, 'host.gcfg'), set } }, plugins)
  t.equal(configDir, join(folder, 'conf'))
  t.match(clusters.find(({ name }) => name === 'Kubernetes')!.values, { 'kubernetes-namespace': 'team-a' })
  t.strictSame(readdirSync(folder), ['host.gcfg'])
})

t.test('settings and conf files that are wrong are refused', async t => {
  const folder = t.testdir({ 'host.gcfg': '[Launcher]\nNoSuchKey = 1\n' })
  await t.rejects(dryConfig({ settings: { file: join(folder, 'host.gcfg'), set: [] } }, plugins), {
    code: 'SettingsInvalid'
  })
  await t.rejects(dryConfig({ configDir: join(folder, 'none') }, plugins), { code: 'FileNotReadable' })
})
