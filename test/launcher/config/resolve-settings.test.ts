import t from 'tap'
import type { SettingTexts } from '../../../launcher/plugin.ts'
import { expandTemplate, type Setting } from '../../../launcher/config/settings.ts'
import { FILE, rendered, resolved } from './given-settings.ts'

/** The declared default of each setting, except files that are used only if they exist. */
const declaredDefaults = (all: readonly Setting[], texts: SettingTexts) =>
  valuesOf(Object.fromEntries(all.map(({ key, spawned, ifExists }) =>
    [key, spawned === undefined || ifExists ? undefined : expandTemplate(spawned, texts)])))

/** The settings that have a value. */
const valuesOf = (texts: SettingTexts) =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined))

t.test('without values every setting has the default of a spawned launcher', async t => {
  const { texts, sources, all } = resolved('')
  t.strictSame(valuesOf(texts), {
    // A setting that is not listed has its declared default, and a test where it is used.
    ...declaredDefaults(all, texts),
    Enabled: 'true',
    ConfigDir: '/etc/rstudio-connect/launcher',
    Address: '/var/lib/rstudio-connect-launcher/launcher.sock',
    AuthorizationEnabled: 'true',
    GroupsFromRequest: 'false',
    ScratchPath: '/var/lib/rstudio-connect-launcher',
    JobExpiry: '1d',
    RequestTimeout: '2m',
    MaxMessageSize: '5 MiB',
    MaxMetadataSize: '64 KiB',
    LogLevel: 'info',
    Local: 'true',
    LocalConcurrency: '16',
    LocalMaxWaitingJobs: '10000',
    LocalOutputLimit: '10 GB',
    LocalProfilesConfig: '/etc/rstudio-connect/launcher/launcher.local.profiles.conf',
    AllowUnenforcedLimits: 'false',
    Kubernetes: 'false',
    KubernetesDefaultNamespace: 'rstudio-connect',
    KubernetesRequired: 'false',
    KubernetesConcurrency: '16',
    KubernetesMaxWaitingJobs: '10000',
    KubernetesOutputLimit: '10 GB',
    KubernetesImagePullDeadline: '15m',
    KubernetesInteractiveImagePullDeadline: '5m',
    KubernetesStartDeadline: '1d',
    KubernetesInteractiveStartDeadline: '10m',
    KubernetesProfilesConfig: '/etc/rstudio-connect/launcher/launcher.kubernetes.profiles.conf',
    KubernetesResourcesConfig: '/etc/rstudio-connect/launcher/launcher.kubernetes.resources.conf',
    RVersionMatching: 'nearest',
    PythonVersionMatching: 'nearest',
    QuartoVersionMatching: 'nearest',
    RuntimeMountPath: '/opt/rstudio-connect-runtime',
    DataDeadline: '5m'
  })
  for (const { key } of all) t.strictSame(sources[key], [])
})

t.test('a value overrides the default, and a default follows the settings it is made from', async t => {
  const { texts, sources } = resolved('ConfigDir=/c/\nScratchPath=/s\nJobExpiry=1h', {
    set: ['Launcher.JobExpiry=15m', 'Kubernetes=on']
  })
  t.equal(texts.ConfigDir, '/c')
  t.equal(texts.Address, '/s/launcher.sock')
  t.equal(texts.LocalProfilesConfig, '/c/launcher.local.profiles.conf')
  t.equal(texts.JobExpiry, '15m')
  t.strictSame(sources.JobExpiry, [{ text: '15m', file: '--set' }])
  t.strictSame(sources.ScratchPath, [{ text: '/s', file: FILE, line: 3 }])
})

t.test('the default cluster definition is used only if it exists, and given ones are all used', async t => {
  const checked: string[] = []
  const exists = (path: string) => checked.push(path) > 0
  t.equal(resolved('ConfigDir=/c', { exists }).texts.ClusterDefinition, '/c/runtime.yaml')
  t.strictSame(checked, ['/c/runtime.yaml'])
  t.equal(resolved('ClusterDefinition=/a.yaml\nClusterDefinition=/b.yaml').texts.ClusterDefinition, '/a.yaml,/b.yaml')
})

t.test('a path with braces or dollar signs is taken as it is', async t => {
  t.equal(resolved('ScratchPath="/s/{ConfigDir}$&"').texts.Address, '/s/{ConfigDir}$&/launcher.sock')
})

t.test('every problem is reported at once, and none twice', async t => {
  await t.rejects(
    rendered('ConfigDir=c\nScratchPath=s\nJobExpiry=never\nUnknown=1\nClusterDefinition=/a\nClusterDefinition=b', {
      set: ['LogLevel=loud']
    }),
    {
      code: 'SettingsInvalid',
      message: [
        '/h/host.gcfg line 5: Launcher.Unknown is not a known setting',
        '/h/host.gcfg line 2: Launcher.ConfigDir is not an absolute path: "c"',
        '/h/host.gcfg line 3: Launcher.ScratchPath is not an absolute path: "s"',
        '/h/host.gcfg line 4: Launcher.JobExpiry is not a duration such as 500ms, 90s, 2m, 24h or 1d: "never"',
        '/h/host.gcfg line 7: Launcher.ClusterDefinition is not an absolute path: "b"',
        '--set: Launcher.LogLevel is not one of fatal, error, warn, info, debug, trace, silent: "loud"'
      ].join('\n'),
      details: {
        file: FILE,
        line: 5,
        problems: [
          {},
          {},
          {},
          {},
          { file: FILE, line: 7, key: 'Launcher.ClusterDefinition', problem: 'is not an absolute path: "b"' },
          {}
        ]
      }
    }
  )
})
