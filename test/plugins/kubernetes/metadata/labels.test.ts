import t from 'tap'
import fc from 'fast-check'
import {
  instanceSelector,
  jobLabels,
  LABEL,
  LABEL_KEY,
  LABEL_VALUE,
  ownLabels,
  podSelector,
  userSlug
} from '../../../../plugins/kubernetes/metadata/labels.ts'

const owner = { instance: 'c0ffee000000', installation: 'site-1' }

t.test('everything of a job says whose it is', async t => {
  t.strictSame(jobLabels({ id: 'x', user: 'ann' }, owner), {
    'app.kubernetes.io/managed-by': 'job-launcher',
    'job-launcher/instance': 'c0ffee000000',
    'job-launcher/installation': 'site-1',
    'job-launcher/job': 'x',
    'job-launcher/user': 'ann'
  })
  t.notOk('job-launcher/installation' in jobLabels({ id: 'x', user: 'ann' }, { instance: 'i' }))
})

t.test('what belongs to no job says whose it is too', async t => {
  t.strictSame(
    Object.entries(ownLabels(owner))
      .map(([key, value]) => `${key}=${value}`)
      .slice(0, 2)
      .join(),
    instanceSelector(owner.instance)
  )
})

t.test('the selectors select by what the labels say', async t => {
  const labels = Object.entries(jobLabels({ id: 'x', user: 'ann' }, owner)).map(([key, value]) => `${key}=${value}`)
  for (const part of instanceSelector(owner.instance).split(',')) t.ok(labels.includes(part), part)
  t.notOk(instanceSelector('other').split(',').every(part => labels.includes(part)))
  for (const [key, value] of Object.entries(podSelector('x'))) t.ok(labels.includes(`${key}=${value}`))
})

t.test('a user whose name is a label stays as he is, any other gets what can be kept and a hash', async t => {
  t.equal(userSlug('ann.b-1'), 'ann.b-1')
  t.match(userSlug('ann@example.com'), /^ann-example\.com--[0-9a-f]{10}$/)
  t.match(userSlug('_x_'), /^x_--[0-9a-f]{10}$/)
  t.match(userSlug('***'), /^user--[0-9a-f]{10}$/)
  t.match(userSlug(''), /^user--[0-9a-f]{10}$/)
  t.match(userSlug('a'.repeat(64)), /^a{51}--[0-9a-f]{10}$/)
})

t.test('any user has a label, and no two share one', async () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', '_', '.', '@', '$') })
  )
  fc.assert(
    fc.property(name, name, (one, other) => {
      const slug = userSlug(one)
      const noOthers = (one === other) === (slug === userSlug(other))
      // Nobody gets the label of another by having it for a name.
      return LABEL_VALUE.test(slug) && noOthers && (slug === one || userSlug(slug) !== slug)
    }),
    { numRuns: 3000 }
  )
})

t.test('keys and values of labels are told from what is none', async t => {
  for (const key of ['a', 'zone', 'topology.kubernetes.io/zone', 'a/b', 'A_b.c-d']) t.match(key, LABEL_KEY)
  for (const key of ['', '-a', 'a-', 'a/b/c', 'A/b', '/b', 'a/', 'x'.repeat(64), 'a b', 'a..b/c']) {
    t.notMatch(key, LABEL_KEY)
  }
  for (const value of ['a', '1.2', 'A_b']) t.match(value, LABEL_VALUE)
  for (const value of ['', '-', 'a ', 'ü', 'x'.repeat(64)]) t.notMatch(value, LABEL_VALUE)
})

t.test('jobs that name nobody show whom the operator chose', async t => {
  const owner = { instance: 'i', serverUser: { insteadOf: 'root', name: 'content' } }
  t.equal(jobLabels({ id: '1', user: 'root' }, owner)[LABEL.user], 'content')
  t.equal(jobLabels({ id: '1', user: 'ann' }, owner)[LABEL.user], 'ann')
})
