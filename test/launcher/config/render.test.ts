import t from 'tap'
import fc from 'fast-check'
import { loadConfig } from '../../../launcher/config/load.ts'
import { enabledClusters, renderConf } from '../../../launcher/config/render.ts'
import { settingsOf } from '../../../launcher/config/settings.ts'
import { rendered, resolved } from './given-settings.ts'
import { samplePlugins } from './sample-plugin.ts'

const plugins = samplePlugins
const render = (text: string, set: string[] = [], file = '/h/host.gcfg') =>
  renderConf(resolved(text, { set, file, plugins }), plugins).files
/** Loads a launcher.conf beside which no other file exists, so that each missing key has its default. */
const withoutKeys = (launcherConf: string, configDir = '/c') =>
  loadConfig(configDir, plugins, async path => path.endsWith('/launcher.conf') ? launcherConf : undefined)
const lineOf = (key: string, text: string): number =>
  text.split('\n').findIndex(line => line.startsWith(`${key}=`)) + 1
const load = async (text: string, set: string[] = []) => (await rendered(text, { set, plugins })).config

t.test('all files are rendered, and a comment above each line names the source of its value', async t => {
  const files = render('KubernetesNamespace=jobs\nInstanceName="a # b"\n\nJobExpiry=15m', ['Launcher.LogLevel=debug'])
  t.strictSame([...files.keys()], ['launcher.conf', 'launcher.local.conf', 'launcher.kubernetes.conf'])
  const launcher = files.get('launcher.conf')!
  t.match(launcher, '\n# Launcher.JobExpiry, host.gcfg line 5\njob-expiry-hours=0.25\n')
  t.match(launcher, '\n# Launcher.InstanceName, host.gcfg line 3\ninstance-name="a # b"\n')
  t.match(launcher, '\n# Launcher.LogLevel, --set\nlog-level=debug\n')
  t.match(launcher, '\n# default\nrequest-timeout-seconds=120\n')
  t.match(launcher, '\n# default (not set)\n#port=\n')
  t.match(launcher, "\n# launcher's own\nsecure-cookie-key-file=/var/lib/rstudio-connect-launcher/launcher.key\n")
  t.match(
    files.get('launcher.kubernetes.conf'),
    '\n# Launcher.KubernetesNamespace, host.gcfg line 2\nkubernetes-namespace=jobs\n'
  )
  for (const text of files.values()) {
    t.match(text, /^# Rendered by job-launcher from the host's settings.*this file is overwritten\.\n/)
    t.notMatch(text, '{{')
    const lines = text.split('\n')
    lines.forEach((line, index) => {
      if (/^#?[a-z-]+=/.test(line)) {
        t.match(
          lines[index - 1],
          /^# (Launcher\.\w+, (--set|host\.gcfg line \d+)|default( \(not set\))?|launcher's own)$/,
          line
        )
      }
    })
  }
})

t.test('launcher.conf has a section for each enabled cluster, and the file of a disabled one says so', async t => {
  const off = '# The cluster is off (Launcher.Kubernetes is false), so nothing reads this file.'
  const one = render('')
  t.equal(one.get('launcher.conf')!.match(/^\[cluster\]$/gm)?.length, 1)
  t.match(one.get('launcher.kubernetes.conf'), off)
  t.notMatch(one.get('launcher.local.conf'), 'The cluster is off')
  const both = render('Kubernetes=yes')
  t.equal(both.get('launcher.conf')!.match(/^\[cluster\]$/gm)?.length, 2)
  t.notMatch(both.get('launcher.kubernetes.conf'), 'The cluster is off')
  t.strictSame(
    enabledClusters(resolved('Kubernetes=yes\nLocal=no', { plugins }), plugins).map(({ type }) => type),
    ['Kubernetes']
  )
})

t.test('equal settings give equal text', async t => {
  t.strictSame(render('Kubernetes=yes', ['Local=no']), render('Kubernetes=yes', ['Local=no']))
})

t.test('several lines of one setting are all named, and a file name cannot break out of its comment', async t => {
  const files = render('ClusterDefinition=/a.yaml\nClusterDefinition=/b.yaml', [], '/h/odd\nname.gcfg')
  t.match(files.get('launcher.kubernetes.conf'),
    '\n# Launcher.ClusterDefinition, odd?name.gcfg line 2 and 3\ncluster-definition=/a.yaml,/b.yaml\n')
})

t.test('the image of the runtime components is rendered with its tag', async t => {
  const text = render('HostVersion=2026.08.0\nRuntimeInitImage=registry.example/runtime').get(
    'launcher.kubernetes.conf'
  )
  t.match(
    text,
    '\n# Launcher.RuntimeInitImage, host.gcfg line 3\nruntime-init-image=registry.example/runtime:2026.08.0\n'
  )
})

t.test('the loaded configuration has every rendered value', async t => {
  const lines = [
    'ConfigDir=/c',
    'ScratchPath=/s',
    'Address=[::1]:5559',
    'CertificateFile=/c.pem',
    'CertificateKeyFile=/k.pem',
    'ServerUser=host',
    'AdminGroup=the admins',
    'GroupsFromRequest=true',
    'QuartoVersionMatching=exact',
    'AuthorizationEnabled=no',
    'JobExpiry=500s',
    'RequestTimeout=1500ms',
    'MaxMessageSize=1MiB',
    'LogLevel=trace',
    'InstanceName=one',
    'LocalProfilesConfig=/p.conf',
    'Kubernetes=yes',
    'KubernetesNamespace=jobs',
    'ClusterDefinition=/a.yaml',
    'ClusterDefinition=/b.yaml',
    'KubernetesRequired=yes',
    'KubernetesApiUrl=https://[::1]:6443/k8s',
    'KubernetesAuthTokenPath=/token',
    'KubernetesCACertificateData=QUJD+/A=',
    'KubernetesDefaultServiceAccount=jobs',
    'Installation=site-1',
    'HostVersion=2026.08.0',
    'RuntimeInitImage=runtime',
    'RuntimeMountPath=/opt//runtime/',
    'RuntimeDelivery=image-volume',
    'RuntimeImagePath=/components',
    'DataDirPVCName=host-data',
    'DataDirPVCSubPath=site/1',
    'KubernetesStartDeadline=90m',
    'KubernetesWritesPerSecond=50',
    'KubernetesMaxWaitingJobs=7',
    'LocalAllowedGroups=staff, the others'
  ].join('\n')
  const config = await load(lines)
  // A setting that is not listed has its default, and a test where it is used.
  const defaults = await withoutKeys('[server]\nscratch-path=/s\n[cluster]\ntype=Local\n[cluster]\ntype=Kubernetes')
  const [local, kubernetes] = defaults.clusters
  const launcherConf = render(lines).get('launcher.conf')!
  const lineOfSection = (index: number): number => launcherConf.slice(0, index).split('\n').length
  const outputLimitLine = lineOf('output-limit', render(lines).get('launcher.kubernetes.conf')!)
  t.strictSame(config, {
    configDir: '/c',
    server: {
      ...defaults.server,
      address: { host: '::1', port: 5559 },
      serverUser: 'host',
      adminGroup: 'the admins',
      authorizationEnabled: false,
      groupsFromRequest: true,
      scratchPath: '/s',
      jobExpiryMs: 500_000,
      requestTimeoutMs: 1500,
      tls: { certificateFile: '/c.pem', certificateKeyFile: '/k.pem' },
      keyFile: '/s/launcher.key',
      maxMessageBytes: 1_048_576,
      maxMetadataBytes: 65_536,
      logLevel: 'trace',
      instanceName: 'one'
    },
    clusters: [
      {
        ...local,
        name: 'Local',
        type: 'Local',
        line: lineOfSection(launcherConf.indexOf('[cluster]')),
        configFile: '/c/launcher.local.conf',
        allowedGroups: ['staff', 'the others'],
        scratchPath: '/s/Local',
        concurrency: 16,
        maxWaitingJobs: 10_000,
        config: { 'profile-config': '/p.conf', 'allow-unenforced-limits': false, ratio: 0.5 }
      },
      {
        ...kubernetes,
        name: 'Kubernetes',
        type: 'Kubernetes',
        line: lineOfSection(launcherConf.lastIndexOf('[cluster]')),
        configFile: '/c/launcher.kubernetes.conf',
        allowedGroups: [],
        scratchPath: '/s/Kubernetes',
        concurrency: 16,
        maxWaitingJobs: 7,
        config: {
          ...kubernetes!.config as object,
          namespace: 'jobs',
          defaultNamespace: 'rstudio-connect',
          required: true,
          kubeconfig: undefined,
          apiUrl: 'https://[::1]:6443/k8s',
          tokenFile: '/token',
          certificateAuthority: 'QUJD+/A=',
          verifyCertificates: true,
          watchTimeoutSeconds: 590,
          fetchLimit: 250,
          writesPerSecond: 50,
          jobExpiryHours: 500 / 3600,
          serverUser: undefined,
          serviceAccount: 'jobs',
          installation: 'site-1',
          batchDeadlines: { imagePullMs: 900_000, startMs: 5_400_000 },
          interactiveDeadlines: { imagePullMs: 300_000, startMs: 600_000 },
          profilesFile: '/c/launcher.kubernetes.profiles.conf',
          resourcesFile: '/c/launcher.kubernetes.resources.conf',
          definitionFiles: ['/a.yaml', '/b.yaml'],
          strategies: { r: 'nearest', python: 'nearest', quarto: 'exact' },
          jobBase: undefined,
          serviceBase: undefined,
          tagJobBases: undefined,
          tagServiceBases: undefined,
          outputLimit: {
            value: 10_000,
            key: 'output-limit',
            file: '/c/launcher.kubernetes.conf',
            line: outputLimitLine
          },
          runtime: {
            image: 'runtime:2026.08.0',
            mountPath: '/opt/runtime',
            delivery: 'image-volume',
            imagePath: '/components'
          },
          data: {
            source: { persistentVolumeClaim: { claimName: 'host-data' } },
            subPath: 'site/1',
            waitSeconds: 300
          }
        }
      }
    ]
  })
})

t.test('settings at the stand-alone defaults load as a launcher.conf without keys does', async t => {
  const set = settingsOf(plugins)
    .filter(({ spawned, standAlone }) => standAlone !== undefined && standAlone !== spawned)
    .map(setting => `${setting.key}=${setting.standAlone}`)
  const { server } = await withoutKeys('[cluster]\ntype=Local', '/etc/rstudio')
  t.strictSame((await load('', set)).server, server)
})

t.test('any valid text and duration of a setting is loaded as it was given', async t => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter(text => /^\P{Cc}{1,128}$/u.test(text) && text.trim() === text)
  const path = fc
    .string({ unit: fc.constantFrom('a', ' ', '#', ';', '"', "'", '\\', '{', '}', '=', '$', '\n', 'é'), maxLength: 20 })
    .map(text => `/x${text}y`)
  const ms = fc.integer({ min: 1000, max: 315_360_000_000 })
  await fc.assert(
    fc.asyncProperty(name, path, ms, async (instanceName, certificate, expiry) => {
      const { server } = await load(
        '', [
          `InstanceName=${instanceName}`,
          `CertificateFile=${certificate}`,
          `CertificateKeyFile=${certificate}`,
          'Address=127.0.0.1:1',
          `JobExpiry=${expiry}ms`
        ]
      )
      t.strictSame(
        [server.instanceName, server.tls?.certificateFile, server.jobExpiryMs],
        [instanceName, certificate, expiry]
      )
    }),
    { numRuns: 60 }
  )
})

t.test('each group of keys begins with its comment, and no key occurs twice', async t => {
  for (const text of render('Kubernetes=yes').values()) {
    for (const section of text.split(/^\[/m).slice(1)) {
      const keys = Array.from(section.matchAll(/^#?([a-z-]+)=/gm), match => match[1])
      t.equal(new Set(keys).size, keys.length)
    }
  }
  t.match(render('').get('launcher.kubernetes.conf'), '\n\n# Folder for the output of jobs.\n')
  t.match(render('').get('launcher.local.conf'), '\n[local]\n\n# Folder for the files of the cluster.\n')
})
