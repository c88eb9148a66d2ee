import t from 'tap'
import { Value } from 'typebox/value'
import { keptRules } from '../../fixtures/key-rules.ts'
import type { ReadFile } from '../../../launcher/lib/policy-file.ts'
import { kubernetesConfigOf } from '../../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../../plugins/kubernetes/config/keys.ts'
import { decide } from '../../../plugins/kubernetes/admission/decide.ts'
import { loadPolicy } from '../../../plugins/kubernetes/policy/policy.ts'
import {
  jobObjects, objectSettings, refreshSettings, rulesOf, type Governed
} from '../../../plugins/kubernetes/rules.ts'
import { jobWith } from './sample-objects.ts'
import { noJobLogs } from '../../fixtures/no-job-logs.ts'

const PRIVILEGED = `
apiVersion: batch/v1
kind: Job
spec: { template: { spec: { serviceAccountName: admin } } }
`
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { annotations: { made: by-base } }\n'

async function governed (profiles: string): Promise<Governed> {
  const texts: Record<string, string> = { '/p': profiles, '/b': PRIVILEGED, '/s': SERVICE }
  const read: ReadFile = async file => ({ text: texts[file]! })
  const files = { profilesFile: '/p', tagJobBases: ['root=/b'], tagServiceBases: ['root=/s'] }
  const policy = await loadPolicy(files, read)
  const loaded = { policy, since: 1, lastTried: 1 }
  return {
    config: kubernetesConfigOf({ ...Value.Create(KubernetesKeys), 'data-dir-pvc-name': 'host-data' }, keptRules),
    namespace: 'jobs',
    instance: 'c0ffee000000',
    enforcedLevel: { async refresh () {}, current: () => undefined },
    imageVolumes: { async refresh () {}, usable: () => false, problem: () => undefined, require () {} },
    jobLogs: noJobLogs,
    defaultUser: 'host',
    policyReloader: { current: () => loaded, async refresh () {}, async replace () {}, close () {} },
    accountExists: async () => true
  }
}

const tagged = jobWith({ tags: ['root'], exposedPorts: [{ targetPort: 80 }] })

t.test('a base that a tag got after its job was admitted does not count without the profile', async t => {
  const { job, service } = jobObjects(await governed(''), tagged)
  t.equal(job.spec?.template.spec?.serviceAccountName, undefined)
  t.equal(job.spec?.template.spec?.automountServiceAccountToken, false)
  t.equal(service?.metadata?.annotations, undefined)
})

t.test('the script of a container has the token of its start', async t => {
  const parts = await governed('')
  const jobLogs = { ...noJobLogs, folderOf: () => 'process-logs/a', tokenOf: () => 'f00d'.repeat(8) }
  const scriptOf = (given: Governed) =>
    jobObjects(given, jobWith()).job.spec!.template.spec!.containers[0]!.command!.join()
  t.match(scriptOf({ ...parts, jobLogs }), `job-launcher process logs: ${'f00d'.repeat(8)} missing`)
  t.match(scriptOf({ ...parts, jobLogs: { ...jobLogs, tokenOf: () => undefined } }), 'process logs: missing')
})

t.test('no job can mount the folder of process logs of the settings, nor one that is in use beside it', async t => {
  const parts = await governed('')
  const data = { 'data-dir': '/srv/host', 'log-dir': 'new' }
  const config = kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...data }, keptRules)
  const jobLogs = { ...noJobLogs, logFolders: () => ['used', 'former'] }
  t.match(objectSettings({ ...parts, config, jobLogs }), {
    logFolders: ['new', 'used', 'former'], data: { apartFrom: ['new', 'used', 'former'] }
  })
  t.notOk('apartFrom' in objectSettings({ ...parts, jobLogs }).data!, 'a claim has no parts')
})

t.test('the base of a tag counts for users whose profile allows the tag', async t => {
  const parts = await governed('[ann]\nbase-tags=root\n')
  const { job, service } = jobObjects(parts, { ...tagged, user: 'ann' })
  t.equal(job.spec?.template.spec?.serviceAccountName, 'admin')
  t.strictSame(service?.metadata?.annotations, { made: 'by-base' })
  t.equal(jobObjects(parts, { ...tagged, user: 'bob' }).job.spec?.template.spec?.serviceAccountName, undefined)
})

t.test('a job that would reach more than the defaults allow is refused, also a job of the host', async t => {
  const rules = rulesOf(await governed(''))
  const { submission } = jobWith({
    tags: ['root'],
    host: 'node-a',
    exposedPorts: [{ publishedPort: 22 }],
    mounts: [
      { type: 'secret', source: { secretName: 'of-the-operator' }, mountPath: '/a' },
      { type: 'persistentVolumeClaim', source: { claimName: 'host-data' }, mountPath: '/b' }
    ]
  })
  for (const user of ['ann', 'host']) {
    const { admitted, refusals } = await decide(submission, { user, groups: [] }, rules, { explain: true })
    t.equal(admitted, undefined)
    t.strictSame(
      refusals.map(({ code, details }) => [code, details.field]),
      [
        ['NotAllowedByProfile', 'mounts[0].type'],
        ['NotAllowedByProfile', 'host'],
        ['NotAllowedByProfile', 'tags[0]'],
        ['NotAllowedByProfile', 'exposedPorts[0].publishedPort'],
        ['InvalidJob', 'mounts[1].source.claimName']
      ]
    )
  }
})

t.test('the level of the pods is that of pod-security, and that of the namespace if it is auto', async t => {
  const parts = await governed('')
  let reads = 0
  for (const [podSecurity, label, level, enforced, read] of [
    ['auto', 'restricted', 'restricted', 'restricted', 1],
    ['auto', 'baseline', 'baseline', 'baseline', 1],
    ['auto', undefined, 'baseline', undefined, 1],
    ['baseline', 'restricted', 'baseline', undefined, 0],
    ['restricted', undefined, 'restricted', 'restricted', 0]
  ] as const) {
    reads = 0
    const enforcedLevel = { async refresh () { reads += 1 }, current: () => label }
    const set = { ...parts, enforcedLevel, config: { ...parts.config, podSecurity } }
    await refreshSettings(set)
    t.equal(objectSettings(set).podSecurity, level)
    t.equal(objectSettings(set).enforcedLevel, enforced)
    t.equal(reads, read, podSecurity)
  }
})
