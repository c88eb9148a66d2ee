import t from 'tap'
import { readSettings } from '../../../launcher/config/read-settings.ts'
import { resolveSettings } from '../../../launcher/config/resolve-settings.ts'
import { SETTING_KEYS } from '../../../launcher/config/settings.ts'

const FILE = '/h/host.gcfg'
const resolve = (text: string, set: string[] = [], exists: (path: string) => boolean = () => false) =>
  resolveSettings(readSettings(`[Launcher]\n${text}`, FILE, set), exists)

t.test('without anything given every setting has the default of a spawned launcher', async t => {
  const { values, sources } = resolve('')
  t.strictSame(values, {
    Enabled: true,
    ConfigDir: '/etc/rstudio-connect/launcher',
    ScratchPath: '/var/lib/rstudio-connect-launcher',
    InstanceName: undefined,
    Address: { socket: '/var/lib/rstudio-connect-launcher/launcher.sock' },
    CertificateFile: undefined,
    CertificateKeyFile: undefined,
    ServerUser: undefined,
    AdminGroup: undefined,
    AuthorizationEnabled: true,
    JobExpiry: 86_400_000,
    RequestTimeout: 120_000,
    MaxMessageSize: 5_242_880,
    MaxMetadataSize: 65_536,
    LogLevel: 'info',
    Local: true,
    LocalProfilesConfig: '/etc/rstudio-connect/launcher/launcher.local.profiles.conf',
    Kubernetes: false,
    KubernetesNamespace: 'rstudio-connect',
    KubernetesProfilesConfig: '/etc/rstudio-connect/launcher/launcher.kubernetes.profiles.conf',
    ClusterDefinition: undefined,
    KubernetesRequired: false,
    Kubeconfig: undefined,
    KubernetesApiUrl: undefined,
    KubernetesAuthTokenPath: undefined,
    KubernetesCACertificateData: undefined,
    KubernetesDefaultServiceAccount: undefined,
    JobBase: undefined,
    ServiceBase: undefined,
    TagJobBase: undefined,
    TagServiceBase: undefined,
    Installation: undefined,
    KubernetesResourcesConfig: '/etc/rstudio-connect/launcher/launcher.kubernetes.resources.conf',
    RVersionMatching: 'nearest',
    PythonVersionMatching: 'nearest',
    QuartoVersionMatching: 'nearest',
    GroupsFromRequest: false,
    HostVersion: undefined,
    RuntimeInitImage: undefined,
    RuntimeMountPath: '/opt/rstudio-connect-runtime',
    DataDir: undefined,
    DataDirPVCName: undefined,
    DataDirPVCSubPath: undefined
  })
  for (const key of SETTING_KEYS) t.strictSame(sources[key], [])
})

t.test(
  'the command line outdoes the file, the file the default, and defaults follow what they are made from',
  async t => {
    const { values, sources } = resolve('ConfigDir=/c/\nScratchPath=/s\nJobExpiry=1h', [
      'Launcher.JobExpiry=15m',
      'Kubernetes=on'
    ])
    t.equal(values.ConfigDir, '/c')
    t.strictSame(values.Address, { socket: '/s/launcher.sock' })
    t.equal(values.LocalProfilesConfig, '/c/launcher.local.profiles.conf')
    t.equal(values.JobExpiry, 900_000)
    t.strictSame(sources.JobExpiry, [{ text: '15m', file: '--set' }])
    t.strictSame(sources.ScratchPath, [{ text: '/s', file: FILE, line: 3 }])
  }
)

t.test('the default cluster definition is taken only if it exists; given ones are taken all', async t => {
  const asked: string[] = []
  const exists = (path: string) => asked.push(path) > 0
  t.strictSame(resolve('ConfigDir=/c', [], exists).values.ClusterDefinition, ['/c/runtime.yaml'])
  t.strictSame(asked, ['/c/runtime.yaml'])
  t.strictSame(resolve('ClusterDefinition=/a.yaml\nClusterDefinition=/b.yaml').values.ClusterDefinition, [
    '/a.yaml',
    '/b.yaml'
  ])
})

t.test('a path with braces or dollar signs is taken as it is', async t => {
  const { values } = resolve('ScratchPath="/s/{ConfigDir}$&"')
  t.strictSame(values.Address, { socket: '/s/{ConfigDir}$&/launcher.sock' })
})

t.test('every problem is told at once, and none twice', async t => {
  t.throws(
    () =>
      resolve('ConfigDir=c\nScratchPath=s\nJobExpiry=never\nUnknown=1\nClusterDefinition=/a\nClusterDefinition=b', [
        'LogLevel=loud'
      ]),
    {
      code: 'SettingsInvalid',
      message: [
        '/h/host.gcfg line 5: Launcher.Unknown is not a known setting',
        '/h/host.gcfg line 2: Launcher.ConfigDir is not an absolute path: "c"',
        '/h/host.gcfg line 3: Launcher.ScratchPath is not an absolute path: "s"',
        '/h/host.gcfg line 4: Launcher.JobExpiry is not a duration such as 500ms, 90s, 2m, 24h or 1d: "never"',
        '--set: Launcher.LogLevel is not one of fatal, error, warn, info, debug, trace, silent: "loud"',
        '/h/host.gcfg line 7: Launcher.ClusterDefinition is not an absolute path: "b"'
      ].join('\n'),
      details: {
        file: FILE,
        line: 5,
        problems: [
          {},
          {},
          {},
          {},
          {},
          { file: FILE, line: 7, key: 'Launcher.ClusterDefinition', problem: 'is not an absolute path: "b"' }
        ]
      }
    }
  )
})
