import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkPolicy } from '../../../launcher/doctor/check-policy.ts'
import { readConfiguration } from '../../../launcher/config/prepare.ts'
import { problemText } from '../../../launcher/lib/problem.ts'
import { plugins } from '../../../plugins/index.ts'
import { kubeconfig } from '../../fixtures/kubeconfig.ts'

t.test('all problems in the policy files of all clusters are reported at once, with file and line', async t => {
  const folder = t.testdir({
    'host.gcfg': '[Launcher]\nKubernetes = true\nClusterDefinition = runtime.yaml\n',
    'launcher.kubernetes.profiles.conf': '[*]\nmax-cpus = many\n\n[someone]\nmax-cpu = 2\n',
    'launcher.local.profiles.conf': '[*]\nmax-mem-mb = -1\n',
    'runtime.yaml': 'images:\n  - name: a\n    matching: some\n'
  })
  const set = [
    `Launcher.ConfigDir=${folder}`,
    'Launcher.ScratchPath=/tmp/never-made',
    `Launcher.ClusterDefinition=${folder}/runtime.yaml`
  ]
  const { files, problems } = await checkPolicy(
    await readConfiguration({ settings: { file: join(folder, 'host.gcfg'), set } }, plugins),
    plugins,
    {}
  )
  t.strictSame(
    new Set(files),
    new Set(
      ['launcher.local.profiles.conf', 'launcher.kubernetes.profiles.conf', 'runtime.yaml'].map(name =>
        join(folder, name)
      )
    )
  )
  t.match(problems.map(problemText).sort(), [
    /launcher\.kubernetes\.profiles\.conf line 2: max-cpus is not a number greater than 0: many/,
    /launcher\.kubernetes\.profiles\.conf line 5: max-cpu is not a known key; did you mean max-cpus\?/,
    /launcher\.local\.profiles\.conf line 2: max-mem-mb /,
    /runtime\.yaml line 3: /
  ])
})

t.test('missing files that are optional are not reported', async t => {
  const folder = t.testdir({ 'host.gcfg': '[Launcher]\n' })
  const set = [`Launcher.ConfigDir=${folder}`, 'Launcher.ScratchPath=/tmp/never-made']
  t.strictSame(
    await checkPolicy(
      await readConfiguration({ settings: { file: join(folder, 'host.gcfg'), set } }, plugins),
      plugins,
      {}
    ),
    { files: [], problems: [] }
  )
})

t.test('clusters that would adopt the jobs of each other are a problem', async t => {
  const folder = t.testdir({
    k: kubeconfig({ namespace: 'jobs' }),
    'a.conf': '[kubernetes]\nkubernetes-namespace=jobs\n',
    'b.conf': ''
  })
  const sectionOf = (name: string): string =>
    `[cluster]\nname=${name}\ntype=Kubernetes\nconfig-file=${folder}/${name}.conf\n`
  writeFileSync(join(folder, 'launcher.conf'), sectionOf('a') + sectionOf('b'))
  const config = await readConfiguration({ configDir: folder }, plugins)
  const { problems } = await checkPolicy(config, plugins, { KUBECONFIG: join(folder, 'k') })
  const file = join(folder, 'launcher.conf')
  t.match(problems, [{ file, line: 5, key: '[cluster] b', problem: /cluster a of line 1/ }])
})
