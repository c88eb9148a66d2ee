import t from 'tap'
import { LauncherError } from '../../../../launcher/errors.ts'
import type { ReadFile } from '../../../../launcher/lib/policy-file.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { dataFolderOf } from '../../../../plugins/kubernetes/objects/data-volume.ts'
import { decide, type KubernetesRules } from '../../../../plugins/kubernetes/admission/decide.ts'
import { DEFAULT_STRATEGIES } from '../../../../plugins/kubernetes/images/match-strategy.ts'
import { loadPolicy, type PolicyFiles } from '../../../../plugins/kubernetes/policy/policy.ts'
import { objectsOf } from '../../../../plugins/kubernetes/manifests/job-objects.ts'
import { settings } from '../sample-objects.ts'

const ann = { user: 'ann', groups: [] }
const RESOURCES = '[small]\ncpus=1\n[large]\ncpus=8\n'
const IMAGES =
  '- { name: r:4.3, r: { installations: [{ path: /old, version: 4.3.1 }] } }\n- { name: r:4.4, r: { installations: ' +
  '[{ path: /new, version: 4.4.2 }] } }\n'

async function rules (profiles: string, images = '', more: Partial<KubernetesRules> = {}): Promise<KubernetesRules> {
  const texts: Record<string, string> = { '/p': profiles, '/r': RESOURCES, '/i': images }
  const files: PolicyFiles = {
    'profile-config': '/p',
    'resource-config': '/r',
    ...(images !== '' && { 'cluster-definition': ['/i'] })
  }
  const read: ReadFile = async file => ({ text: texts[file]! })
  const policy = await loadPolicy(files, read)
  return {
    policy,
    strategies: DEFAULT_STRATEGIES,
    settings,
    objectsOf: job => objectsOf(job, { bases: policy.bases }, settings),
    checkAccount: async () => {},
    ...more
  }
}

const job = (changes: Partial<JobSubmission> = {}): JobSubmission => ({ name: 'n', command: 'true', ...changes })

t.test('a correct job is admitted with its defaults filled in, and has its objects', async t => {
  const decision = await decide(
    job({ runtime: { r: '4.4' }, resourceProfile: 'small' }),
    ann,
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
  t.strictSame(decision.resourceProfile, { name: 'small', file: '/r', line: 1 })
  t.match(decision.limits[0], { type: 'cpuCount', value: 1, setBy: { key: 'small', file: '/r', line: 2 } })
  t.match(decision.image, {
    image: 'r:4.4',
    versions: { r: { version: '4.4.2', path: '/new' } },
    rejected: [{ image: 'r:4.3', file: '/i', line: 1 }]
  })
  t.match(decision.objects?.job.spec?.template.spec?.containers[0], { image: 'r:4.4' })
})

t.test('a data folder that leads out by a link makes the job refused', async t => {
  const folder = t.testdir({ data: { out: t.fixture('symlink', '/') } })
  const dataMounts = [{ path: 'out', mountPath: '/m' }]
  const decision = await decide(
    job({ container: { image: 'i' }, dataMounts }),
    ann,
    await rules('', '', { settings: { ...settings, data: dataFolderOf({ 'data-dir': `${folder}/data` })! } })
  )
  t.match(decision.refusals, [{ code: 'DataPathNotAllowed' }])
  t.notOk('admitted' in decision)
})

t.test('all refusals of a job come in the order of the checks, with as much of the rest as possible', async t => {
  const checkAccount = async (asked: string | undefined): Promise<void> => {
    if (asked !== undefined) throw new LauncherError('NotAllowedByProfile', `not ${asked}`)
  }
  const decision = await decide(
    job({ runtime: { python: '3.11' }, resourceLimits: [{ type: 'cpuCount', value: 4 }], serviceAccount: 'x' }),
    ann,
    await rules('[*]\nmax-cpus=2\n', IMAGES, { checkAccount })
  )
  t.equal(decision.admitted, undefined)
  t.equal(decision.objects, undefined)
  t.strictSame(decision.refusals.map(({ code }) => code), ['LimitExceeded', 'NoMatchingImage', 'NotAllowedByProfile'])
  t.match(decision.limits[0], { asked: 4, max: { value: 2, file: '/p', line: 2 } })
})

t.test(
  'an unavailable image is reported with each candidate, and ends the checks',
  async t => {
    const decision = await decide(job({ runtime: { python: '3.11' } }), ann, await rules('', IMAGES))
    t.strictSame(
      decision.refusals.map(({ code }) => code),
      ['NoMatchingImage']
    )
    t.match(decision.image, {
      rejected: [
        { image: 'r:4.3', why: 'has no Python' },
        { image: 'r:4.4', why: 'has no Python' }
      ]
    })
  }
)

t.test("a job that the operator's manifests cannot be merged with is refused like any other", async t => {
  const shaping = await rules('', '', {
    objectsOf: () => {
      throw new LauncherError('NotAllowedByProfile', 'does not fit')
    }
  })
  const { admitted, objects, refusals } = await decide(job({ container: { image: 'a:1' } }), ann, shaping)
  t.equal(admitted ?? objects, undefined)
  t.strictSame(refusals.map(({ message }) => message), ['does not fit'])
})

t.test('an error that is not a refusal is thrown', async t => {
  await t.rejects(
    decide(
      job({ container: { image: 'a:1' } }),
      ann,
      await rules('', '', {
        objectsOf: () => {
          throw new TypeError('a defect')
        }
      })
    ),
    TypeError
  )
})
