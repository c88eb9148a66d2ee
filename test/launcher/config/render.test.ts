import t from 'tap'
import fc from 'fast-check'
import { loadConfig } from '../../../launcher/config/load.ts'
import { readSettings } from '../../../launcher/config/read-settings.ts'
import { enabledClusters, renderConf } from '../../../launcher/config/render.ts'
import { resolveSettings } from '../../../launcher/config/resolve-settings.ts'
import { SETTINGS, type Setting, type Settings } from '../../../launcher/config/settings.ts'
import { readTemplates } from '../../../launcher/config/templates.ts'
import { samplePlugins } from './sample-plugin.ts'

const templates = await readTemplates()
const resolve = (text: string, set: string[] = [], file = '/h/host.gcfg') =>
  resolveSettings(readSettings(`[Launcher]\n${text}`, file, set), () => false)
const render = (text: string, set: string[] = []) => renderConf(resolve(text, set), templates)
const load = (settings: Settings) => {
  const files = renderConf(settings, templates)
  const { ConfigDir: configDir } = settings.values
  return loadConfig(configDir, samplePlugins, async path => files.get(path.slice(configDir.length + 1)))
}

t.test('all files are rendered, and each line says where its value came from', async t => {
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

t.test('launcher.conf has a section for each cluster that is on, and the file of one that is off says so', async t => {
  const off = '# The cluster is off (Launcher.Kubernetes is false), so nothing reads this file.'
  const one = render('')
  t.equal(one.get('launcher.conf')!.match(/^\[cluster\]$/gm)?.length, 1)
  t.match(one.get('launcher.kubernetes.conf'), off)
  t.notMatch(one.get('launcher.local.conf'), 'The cluster is off')
  const both = render('Kubernetes=yes')
  t.equal(both.get('launcher.conf')!.match(/^\[cluster\]$/gm)?.length, 2)
  t.notMatch(both.get('launcher.kubernetes.conf'), 'The cluster is off')
  t.strictSame(enabledClusters(resolve('Kubernetes=yes\nLocal=no')).map(cluster => cluster.type), ['Kubernetes'])
})

t.test('equal settings give equal text', async t => {
  t.strictSame(render('Kubernetes=yes', ['Local=no']), render('Kubernetes=yes', ['Local=no']))
})

t.test('several lines of one setting are all named, and a file name cannot break out of its comment', async t => {
  const settings = resolve('ClusterDefinition=/a.yaml\nClusterDefinition=/b.yaml', [], '/h/odd\nname.gcfg')
  t.match(renderConf(settings, templates).get('launcher.kubernetes.conf'),
    '\n# Launcher.ClusterDefinition, odd?name.gcfg line 2 and 3\ncluster-definition=/a.yaml,/b.yaml\n')
})

t.test('the image of the runtime components is rendered with its tag', async t => {
  const text = renderConf(resolve('HostVersion=2026.08.0\nRuntimeInitImage=registry.example/runtime'), templates).get(
    'launcher.kubernetes.conf'
  )
  t.match(
    text,
    '\n# Launcher.RuntimeInitImage, host.gcfg line 3\nruntime-init-image=registry.example/runtime:2026.08.0\n'
  )
})

t.test('what is rendered is what is loaded', async t => {
  const config = await load(
    resolve(
      [
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
        'DataDirPVCName=host-data',
        'DataDirPVCSubPath=site/1'
      ].join('\n')
    )
  )
  t.strictSame(config, {
    configDir: '/c',
    server: {
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
        name: 'Local',
        type: 'Local',
        configFile: '/c/launcher.local.conf',
        allowedGroups: [],
        scratchPath: '/s/Local',
        concurrency: 16,
        maxWaitingJobs: 10_000,
        values: { 'profile-config': '/p.conf', 'allow-unenforced-limits': false, ratio: 0.5 }
      },
      {
        name: 'Kubernetes',
        type: 'Kubernetes',
        configFile: '/c/launcher.kubernetes.conf',
        allowedGroups: [],
        scratchPath: '/s/Kubernetes',
        concurrency: 16,
        maxWaitingJobs: 10_000,
        values: {
          'kubernetes-namespace': 'jobs',
          installation: 'site-1',
          'default-service-account': 'jobs',
          'api-url': 'https://[::1]:6443/k8s',
          'auth-token-path': '/token',
          'certificate-authority': 'QUJD+/A=',
          'verify-ssl-certs': true,
          required: true,
          'watch-timeout-seconds': 590,
          'fetch-limit': 250,
          'job-expiry-hours': 500 / 3600,
          'image-pull-deadline-seconds': 900,
          'interactive-image-pull-deadline-seconds': 300,
          'start-deadline-seconds': 86_400,
          'interactive-start-deadline-seconds': 600,
          'profile-config': '/c/launcher.kubernetes.profiles.conf',
          'resource-config': '/c/launcher.kubernetes.resources.conf',
          'r-version-matching': 'nearest',
          'python-version-matching': 'nearest',
          'quarto-version-matching': 'exact',
          'cluster-definition': ['/a.yaml', '/b.yaml'],
          'host-version': '2026.08.0',
          'runtime-init-image': 'runtime:2026.08.0',
          'runtime-mount-path': '/opt/runtime',
          'data-dir-pvc-name': 'host-data',
          'data-dir-pvc-sub-path': 'site/1',
          'data-deadline-seconds': 300
        }
      }
    ]
  })
})

t.test('settings at the stand-alone defaults load as a launcher.conf without keys does', async t => {
  const settings: readonly Setting[] = SETTINGS
  const set = settings
    .filter(setting => setting.standAlone !== undefined)
    .map(setting => `${setting.key}=${setting.standAlone}`)
  const { server } = await loadConfig('/etc/rstudio', samplePlugins, async path =>
    path.endsWith('/launcher.conf') ? '[cluster]\ntype=Local' : undefined
  )
  t.strictSame((await load(resolve('', set))).server, server)
})

t.test('any text and any duration that a setting takes is loaded as it was given', async t => {
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
        resolve('', [
          `InstanceName=${instanceName}`,
          `CertificateFile=${certificate}`,
          `CertificateKeyFile=${certificate}`,
          'Address=127.0.0.1:1',
          `JobExpiry=${expiry}ms`
        ])
      )
      t.strictSame(
        [server.instanceName, server.tls?.certificateFile, server.jobExpiryMs],
        [instanceName, certificate, expiry]
      )
    }),
    { numRuns: 60 }
  )
})

t.test('a template that does not fit what is rendered is a defect that is named', async t => {
  const withChange = (name: string, change: (text: string) => string) => () =>
    renderConf(resolve(''), new Map([...templates].map(([key, text]) => [key, key === name ? change(text) : text])))
  t.throws(
    withChange('launcher.conf', text => text.replace('port = {{port}}\n', '')),
    { code: 'InternalError', message: 'The template lacks port' }
  )
  t.throws(
    withChange('launcher.conf', text => text.replace('[server]', '[server]\nx = {{x}}')),
    { message: 'The template has x, which nothing renders, or has it twice' }
  )
  t.throws(
    withChange('launcher.conf', text => text.replace('[cluster]', '')),
    { message: 'The template of launcher.conf has no section [cluster]' }
  )
  t.throws(() => renderConf(resolve(''), new Map()), { message: 'There is no template of launcher.conf' })
})
