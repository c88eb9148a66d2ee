import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../launcher/config/load.ts'
import { CLUSTER, load, refused, server } from './conf-texts.ts'
import { samplePlugins } from './sample-plugin.ts'

t.test('missing keys and files have the stand-alone defaults', async t => {
  const { server, ...config } = await load({ 'launcher.conf': CLUSTER })
  const wanted = {
    address: { socket: '/var/lib/rstudio-launcher/launcher.sock' },
    authorizationEnabled: true,
    groupsFromRequest: false,
    scratchPath: '/var/lib/rstudio-launcher',
    jobExpiryMs: 86_400_000,
    requestTimeoutMs: 120_000,
    keyFile: '/var/lib/rstudio-launcher/launcher.key',
    maxMessageBytes: 5_242_880,
    maxMetadataBytes: 65_536,
    logLevel: 'info'
  }
  // A setting that is not listed has a test where it is used.
  t.strictSame({ ...server, ...wanted }, server)
  for (const key of ['serverUser', 'adminGroup', 'tls', 'instanceName']) t.notOk(key in server, key)
  t.strictSame(config, {
    configDir: '/c',
    clusters: [{
      name: 'Local',
      type: 'Local',
      line: 1,
      configFile: '/c/launcher.local.conf',
      allowedGroups: [],
      scratchPath: '/var/lib/rstudio-launcher/Local',
      concurrency: 16,
      maxWaitingJobs: 10_000,
      config: { 'allow-unenforced-limits': false, ratio: 0.5 }
    }]
  })
})

t.test('every key is parsed by its type', async t => {
  const config = await load({
    'launcher.conf': `[server]
address=[::1]
port=5559
enable-ssl=yes
certificate-file=/c.pem
certificate-key-file=/k.pem
secure-cookie-key-file=/key
job-expiry-hours=0.25
request-timeout-seconds=1.5
max-message-size=5MB
scratch-path=/s
[cluster]
name=batch
type=Local
config-file=/c/batch.conf
allowed-groups=staff, the others
[cluster]
type=Kubernetes`,
    'batch.conf':
      '[local]\nconcurrency=4\nmax-waiting-jobs=7\nscratch-path=/elsewhere\nratio=0.75\nserver-user=anna\n' +
      'allow-unenforced-limits=on\n',
    'launcher.kubernetes.conf': '[kubernetes]\ncluster-definition=/a.yaml,/b.yaml'
  })
  t.match(config.server, {
    address: { host: '::1', port: 5559 },
    tls: { certificateFile: '/c.pem', certificateKeyFile: '/k.pem' },
    keyFile: '/key',
    jobExpiryMs: 900_000,
    requestTimeoutMs: 1500,
    maxMessageBytes: 5_000_000
  })
  t.strictSame(config.clusters[0], {
    name: 'batch',
    type: 'Local',
    line: 12,
    configFile: '/c/batch.conf',
    allowedGroups: ['staff', 'the others'],
    scratchPath: '/elsewhere',
    concurrency: 4,
    maxWaitingJobs: 7,
    config: { 'server-user': 'anna', 'allow-unenforced-limits': true, ratio: 0.75 }
  })
  t.match(config.clusters[1], {
    name: 'Kubernetes',
    scratchPath: '/s/Kubernetes',
    config: { definitionFiles: ['/a.yaml', '/b.yaml'] }
  })
})

t.test('two clusters of one type have separate scratch paths', async t => {
  const { clusters } = await load({ 'launcher.conf': `${CLUSTER}[cluster]\ntype=Local\nname=Second` })
  t.strictSame(
    clusters.map(cluster => cluster.scratchPath),
    ['/var/lib/rstudio-launcher/Local', '/var/lib/rstudio-launcher/Second']
  )
})

t.test('the configuration is deeply frozen', async t => {
  const config = await load({ 'launcher.conf': CLUSTER })
  t.throws(() => { Object.assign(config.server.address, { socket: '/x' }) }, TypeError)
  t.throws(() => { Object.assign(config.clusters[0]!.config as object, { x: 1 }) }, TypeError)
})

t.test('unexpected and missing sections are refused', async t => {
  const at = (line: number, problem: string) => `/c/launcher.conf line ${line}: ${problem}`
  const cases: Array<[string, string]> = [
    [`[serer]\n${CLUSTER}`, at(1, '[serer] is not a known section; did you mean [server]?')],
    [`[server]\n${CLUSTER}[server]`, at(4, '[server] is already defined in line 1')],
    ['[server]', '/c/launcher.conf: has no section [cluster]; jobs need one to run on'],
    [`${CLUSTER}${CLUSTER}`, at(3, 'name is Local for two clusters; give each its own')]
  ]
  await refused(t, cases)
})

t.test('two clusters with one scratch path are refused', async t => {
  await t.rejects(
    load({
      'launcher.conf': `${CLUSTER}[cluster]\ntype=Kubernetes`,
      'launcher.kubernetes.conf': '[kubernetes]\nscratch-path=/var/lib/rstudio-launcher/Local'
    }),
    {
      code: 'ConfInvalid',
      message:
        '/c/launcher.kubernetes.conf: scratch-path is /var/lib/rstudio-launcher/Local, as for cluster Local; ' +
        'give each its own'
    }
  )
})

t.test('rules between the keys of a cluster are checked with file and line', async t => {
  await t.rejects(
    load({
      'launcher.conf': '[cluster]\ntype=Kubernetes',
      'launcher.kubernetes.conf': '[kubernetes]\ndata-dir=/d\ndata-dir-pvc-name=c\nauth-token-path=/unused'
    }),
    {
      code: 'ConfInvalid',
      message: '/c/launcher.kubernetes.conf line 2: data-dir and data-dir-pvc-name are both set; set one of them'
    }
  )
})

t.test('all problems of all files are reported at once', async t => {
  await t.rejects(
    load({ 'launcher.conf': server('port=x\nport=1\nfoo=1'), 'launcher.local.conf': '[local]\nconcurrency=x' }),
    {
      code: 'ConfInvalid',
      message: [
        '/c/launcher.conf line 3: port is already defined in line 2',
        '/c/launcher.conf line 2: port is not a whole number: "x"',
        '/c/launcher.conf line 4: foo is not a known key',
        '/c/launcher.local.conf line 2: concurrency is not a whole number: "x"'
      ].join('\n'),
      details: { problems: { length: 4 } }
    }
  )
})

t.test('a folder without launcher.conf is refused with the path', async t => {
  await t.rejects(load({}), { code: 'FileNotReadable', message: '/c/launcher.conf does not exist' })
  const folder = t.testdir({ 'launcher.conf': {} })
  await t.rejects(loadConfig(folder, samplePlugins), {
    code: 'FileNotReadable',
    message: `${folder}/launcher.conf cannot be read (it is a folder)`
  })
})

t.test('launcher.conf.example has the defaults, both as it is and with every # removed', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../../launcher.conf.example'), 'utf8')
  const defaults = await loadConfig('/etc/rstudio', samplePlugins, async path =>
    path.endsWith('/launcher.conf') ? CLUSTER : undefined
  )
  for (const variant of [text, text.replaceAll(/^#([a-z-]+=.+)$/gm, '$1')]) {
    const config = await loadConfig('/etc/rstudio', samplePlugins, async path =>
      path.endsWith('/launcher.conf') ? variant : undefined
    )
    const line = variant.split('\n').indexOf('[cluster]') + 1
    t.strictSame(config, { ...defaults, clusters: [{ ...defaults.clusters[0], line }] })
  }
})
