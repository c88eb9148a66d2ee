import t from 'tap'
import fc from 'fast-check'
import {
  instanceSelector,
  isSelectedBy,
  jobLabels,
  LABEL,
  LABEL_KEY,
  LABEL_VALUE,
  ownLabels,
  podSelector,
  userSlug
} from '../../../../plugins/kubernetes/metadata/labels.ts'

const owner = { instance: 'c0ffee000000', installation: 'site-1' }

t.test('the labels of a job name instance, installation, job and user', async t => {
  t.strictSame(jobLabels({ id: 'x', user: 'ann' }, owner), {
    'app.kubernetes.io/managed-by': 'job-launcher',
    'job-launcher/instance': 'c0ffee000000',
    'job-launcher/installation': 'site-1',
    'job-launcher/job': 'x',
    'job-launcher/user': 'ann'
  })
  t.notOk('job-launcher/installation' in jobLabels({ id: 'x', user: 'ann' }, { instance: 'i' }))
})

t.test('the labels of an instance match its selector', async t => {
  t.strictSame(
    Object.entries(ownLabels(owner))
      .map(([key, value]) => `${key}=${value}`)
      .slice(0, 2)
      .join(),
    instanceSelector(owner.instance)
  )
})

t.test('the selectors match the labels of a job, and not those of another instance', async t => {
  const labels = Object.entries(jobLabels({ id: 'x', user: 'ann' }, owner)).map(([key, value]) => `${key}=${value}`)
  for (const part of instanceSelector(owner.instance).split(',')) t.ok(labels.includes(part), part)
  t.notOk(instanceSelector('other').split(',').every(part => labels.includes(part)))
  for (const [key, value] of Object.entries(podSelector('x'))) t.ok(labels.includes(`${key}=${value}`))
})

t.test(
  'a user name that is a valid label value is kept, and any other gets its valid characters and a hash',
  async t => {
    t.equal(userSlug('ann.b-1'), 'ann.b-1')
    t.match(userSlug('ann@example.com'), /^ann-example\.com--[0-9a-f]{10}$/)
    t.match(userSlug('_x_'), /^x_--[0-9a-f]{10}$/)
    t.match(userSlug('***'), /^user--[0-9a-f]{10}$/)
    t.match(userSlug(''), /^user--[0-9a-f]{10}$/)
    t.match(userSlug('a'.repeat(64)), /^a{51}--[0-9a-f]{10}$/)
  }
)

t.test('every user has a valid label value, and no two share one', async () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', '_', '.', '@', '$') })
  )
  fc.assert(
    fc.property(name, name, (one, other) => {
      const slug = userSlug(one)
      const isUnique = (one === other) === (slug === userSlug(other))
      // A user whose name is the label value of another does not share it.
      return LABEL_VALUE.test(slug) && isUnique && (slug === one || userSlug(slug) !== slug)
    }),
    { numRuns: 3000 }
  )
})

t.test('LABEL_KEY and LABEL_VALUE match exactly valid keys and values', async t => {
  for (const key of ['a', 'zone', 'topology.kubernetes.io/zone', 'a/b', 'A_b.c-d']) t.match(key, LABEL_KEY)
  for (const key of ['', '-a', 'a-', 'a/b/c', 'A/b', '/b', 'a/', 'x'.repeat(64), 'a b', 'a..b/c']) {
    t.notMatch(key, LABEL_KEY)
  }
  for (const value of ['a', '1.2', 'A_b']) t.match(value, LABEL_VALUE)
  for (const value of ['', '-', 'a ', 'ü', 'x'.repeat(64)]) t.notMatch(value, LABEL_VALUE)
})

t.test('jobs of the default user show the configured server user', async t => {
  const owner = { instance: 'i', serverUser: { insteadOf: 'root', name: 'content' } }
  t.equal(jobLabels({ id: '1', user: 'root' }, owner)[LABEL.user], 'content')
  t.equal(jobLabels({ id: '1', user: 'ann' }, owner)[LABEL.user], 'ann')
})

t.test('a selector selects an object that has all of its labels', async t => {
  const selector = instanceSelector('c0ffee000000')
  const labels = ownLabels({ instance: 'c0ffee000000' })
  t.equal(isSelectedBy(selector, { ...labels, other: 'label' }), true)
  t.equal(isSelectedBy(selector, { ...labels, [LABEL.instance]: 'other' }), false)
  t.equal(isSelectedBy(selector), false)
})
