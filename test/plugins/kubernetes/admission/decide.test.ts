import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import type { ReadFile } from '../../../../launcher/lib/policy-file.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { dataFolderOf } from '../../../../plugins/kubernetes/config/data-folder.ts'
import { keptRules } from '../../../fixtures/key-rules.ts'
import { decide, type KubernetesRules } from '../../../../plugins/kubernetes/admission/decide.ts'
import { DEFAULT_STRATEGIES } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { loadPolicy } from '../../../../plugins/kubernetes/policy/policy.ts'
import type { PolicyConfig } from '../../../../plugins/kubernetes/config/config.ts'
import { traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { sampleSubmission } from '../../../fixtures/sample-submission.ts'
import { settings } from '../sample-objects.ts'

const ann = { user: 'ann', groups: [] }
const NO_BASES = { Job: [], Service: [] }
const RESOURCES = '[small]\ncpus=1\n[large]\ncpus=8\n'
const IMAGES =
  '- { name: r:4.3, r: { installations: [{ path: /old, version: 4.3.1 }] } }\n- { name: r:4.4, r: { installations: ' +
  '[{ path: /new, version: 4.4.2 }] } }\n'

async function rules (profiles: string, images = '', more: Partial<KubernetesRules> = {}): Promise<KubernetesRules> {
  const texts: Record<string, string> = { '/p': profiles, '/r': RESOURCES, '/i': images }
  const files: PolicyConfig = {
    profilesFile: '/p',
    resourcesFile: '/r',
    ...(images !== '' && { definitionFiles: ['/i'] })
  }
  const read: ReadFile = async file => ({ text: texts[file]! })
  const policy = await loadPolicy(files, read)
  return {
    policy,
    strategies: DEFAULT_STRATEGIES,
    settings,
    output: { config: { mode: 'node', folder: 'process-logs' } },
    manifestPolicy: () => ({ bases: policy.bases }),
    checkAccount: async () => {},
    ...more
  }
}

const decided = (submission: JobSubmission, rules: KubernetesRules, explain = true) =>
  decide(submission, ann, rules, { explain })

t.test('a correct job is admitted with its defaults filled in, and has its objects', async t => {
  const decision = await decided(
    sampleSubmission({ runtime: { r: '4.4' }, resourceProfile: 'small' }),
    await rules('[*]\nmax-mem-mb=100\n', IMAGES)
  )
  t.match(decision.admitted, {
    container: { image: 'r:4.4' },
    resourceLimits: [
      { type: 'cpuCount', value: 1 },
      { type: 'memory', value: 100 }
    ],
    environment: [{ name: 'JOB_R', value: '/new' }]
  })
  t.strictSame(decision.refusals, [])
  t.match(decision.appliedProfile, {
    resourceProfile: { name: 'small', file: '/r', line: 1 },
    limits: [{ type: 'cpuCount', value: 1, setBy: { key: 'small', file: '/r', line: 2 } }]
  })
  t.equal(decision.image, 'r:4.4')
  t.match(decision.selected, {
    versions: { r: '4.4.2' },
    interpreters: { r: '/new' },
    rejected: [{ image: 'r:4.3', file: '/i', line: 1 }]
  })
  t.match(decision.objects?.job.spec?.template.spec?.containers[0], { image: 'r:4.4' })
})

t.test('a job with a data folder that leads outside by a link is refused', async t => {
  const folder = t.testdir({ data: { out: t.fixture('symlink', '/') } })
  const dataMounts = [{ path: 'out', mountPath: '/m' }]
  const decision = await decided(
    sampleSubmission({ container: { image: 'i' }, dataMounts }),
    await rules('', '', {
      settings: { ...settings, data: dataFolderOf({ 'data-dir': `${folder}/data` }, keptRules)! },
      output: { config: { mode: 'node', dataPath: `${folder}/data`, folder: 'process-logs' } }
    })
  )
  t.match(decision.refusals, [{ code: 'DataPathNotAllowed' }])
  t.notOk('admitted' in decision)
})

t.test('a job whose output must be in the data, and a folder of process logs as data, are refused', async t => {
  const container = { image: 'i', output: 'data' as const }
  const { refusals } = await decided({ name: 'j', exe: 'e', container }, await rules(''))
  t.match(refusals, [{ code: 'NotSupportedByCluster', details: { field: 'container.output' } }])
  const data = { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 1 }
  const dataMounts = [{ path: 'process-logs/a', mountPath: '/m' }]
  const ofLogs = await decided(
    { name: 'j', exe: 'e', container: { image: 'i' }, dataMounts },
    await rules('', '', { settings: { ...settings, data, logFolders: ['process-logs'] } })
  )
  t.match(ofLogs.refusals, [{ code: 'DataPathNotAllowed', details: { field: 'dataMounts[0].path' } }])
})

t.test('an explanation has all refusals in the order of the checks, and as much of the rest as possible', async t => {
  const accounts: Array<string | undefined> = []
  const checkAccount = async (requested: string | undefined): Promise<void> => {
    accounts.push(requested)
    throw new LauncherError('NotAllowedByProfile', `not ${requested}`)
  }
  const submission = sampleSubmission({
    runtime: { python: '3.11' },
    resourceLimits: [{ type: 'cpuCount', value: 4 }],
    serviceAccount: 'x'
  })
  const strict = await rules('[*]\nmax-cpus=2\n', IMAGES, { checkAccount })
  const decision = await decided(submission, strict)
  t.equal(decision.admitted, undefined)
  t.equal(decision.objects, undefined)
  t.strictSame(decision.refusals.map(({ code }) => code), ['LimitExceeded', 'NoMatchingImage', 'NotAllowedByProfile'])
  t.match(decision.appliedProfile.limits[0], { asked: 4, max: { value: 2, file: '/p', line: 2 } })
  t.match((await decided(submission, strict, false)).refusals[0], { code: 'LimitExceeded' })
  t.strictSame(accounts, ['x'], 'no call to the cluster is made for a job that is already refused')
})

t.test('an unavailable image is reported with each candidate, and ends the checks', async t => {
  const submission = sampleSubmission({ runtime: { python: '3.11' } })
  const { refusals, imageRefusal } = await decided(submission, await rules('', IMAGES))
  t.strictSame(refusals, [imageRefusal])
  t.match(imageRefusal, {
    code: 'NoMatchingImage',
    details: {
      rejected: [
        { image: 'r:4.3', why: 'has no Python' },
        { image: 'r:4.4', why: 'has no Python' }
      ]
    }
  })
})

t.test("a job that the operator's manifests cannot be merged with is refused like any other", async t => {
  const override = { pointer: '/spec/none/x', value: 1, source: { file: '/p', line: 7 }, valueFile: '/v' }
  const withManifests = await rules('', '', { manifestPolicy: () => ({ bases: NO_BASES, overrides: [override] }) })
  for (const explain of [true, false]) {
    const submission = sampleSubmission({ container: { image: 'a:1' } })
    const { admitted, objects, refusals } = await decided(submission, withManifests, explain)
    t.equal(admitted ?? objects, undefined)
    t.match(refusals, [{ code: 'NotAllowedByProfile', details: { file: '/p', line: 7 } }])
  }
})

t.test('a submission builds objects only if manifests of the operator apply to it', async t => {
  const base = { tag: 'nightly', manifest: traced({ metadata: { labels: { team: 'x' } } }) }
  const withManifests = await rules('', '', { manifestPolicy: () => ({ bases: { Job: [base], Service: [] } }) })
  const submission = sampleSubmission({ container: { image: 'a:1' } })
  t.match(await decided(submission, withManifests, false), { admitted: submission, objects: undefined, refusals: [] })
  const tagged = await decided({ ...submission, tags: ['nightly'] }, withManifests, false)
  t.match(tagged.objects?.job.metadata?.labels, { team: 'x' })
})

t.test('an error that is not a refusal is thrown', async t => {
  const broken = await rules('', '', { checkAccount: async () => { throw new TypeError('a defect') } })
  await t.rejects(decided(sampleSubmission({ container: { image: 'a:1' } }), broken), TypeError)
})

t.test('an explained job whose output must be in data that is away would wait for it', async t => {
  const given = await rules('', '', {
    output: {
      config: { mode: 'data', dataPath: '/mnt', folder: 'process-logs' },
      data: { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 1 },
      problem: { message: 'It is full.', help: 'Free space.', reason: 'DataFull' }
    }
  })
  const expected = { state: 'waits', reason: 'DataFull', message: 'It is full. Free space.' } as const
  const submission = sampleSubmission({ container: { image: 'i' } })
  const decision = await decided(submission, given)
  t.strictSame(decision.refusals, [])
  t.strictSame(decision.outputWait, expected)
  t.equal((await decided(submission, given, false)).outputWait, undefined)
})
