import t from 'tap'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import { traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { allowedBases, boundOf, type BoundKey } from '../../../../plugins/kubernetes/policy/bounds.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'

const FILE = '/etc/profiles.conf'
const manifest = traced({})
const bases = {
  Job: [{ manifest }, { tag: 'gpu', manifest }, { tag: 'root', manifest }],
  Service: [{ tag: 'lb', manifest }]
}

function policyOf (...lines: string[]) {
  return { bases, profiles: parseProfiles(PROFILE_KEYS, lines.join('\n'), FILE, []) }
}

t.test('the bases of a tag count only for jobs of users who may use the tag', async t => {
  const tagsOf = (user: string): unknown => {
    const allowed = allowedBases(policyOf('[bob]', 'base-tags=gpu, lb'), { user, groups: [] })
    return [allowed.Job, allowed.Service].map(bases => bases.map(({ tag }) => tag))
  }
  t.strictSame(tagsOf('ann'), [[undefined], []])
  t.strictSame(tagsOf('bob'), [[undefined, 'gpu'], ['lb']])
})

t.test('a user without a profile has the safe defaults', async t => {
  const ruled = (key: BoundKey): unknown => boundOf(key, policyOf(), { user: 'ann', groups: [] }).value
  t.strictSame(ruled('mount-types'), ['nfs', 'glusterFs', 'persistentVolumeClaim', 'configMap'])
  t.equal(ruled('allow-host'), false)
  t.strictSame(ruled('base-tags'), [])
  t.strictSame(ruled('published-ports'), [])
  t.equal(ruled('allow-data-mounts'), true)
  t.equal(ruled('run-as-user-ids'), undefined)
  t.equal(ruled('run-as-group-ids'), undefined)
})

t.test('a bound that a profile sets has the line that sets it', async t => {
  const policy = policyOf('[*]', 'allow-host=false', '[ann]', 'allow-host=true')
  t.strictSame(boundOf('allow-host', policy, { user: 'ann', groups: [] }), {
    value: true,
    rule: { value: true, file: FILE, line: 4 }
  })
})
