import t from 'tap'
import { withOverrides } from '../../../../plugins/kubernetes/manifests/json-override.ts'
import { RESERVED_FIELDS } from '../../../../plugins/kubernetes/manifests/reserved-fields.ts'
import { originsOf, traced, plainOf } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const job = jobWith({ secrets: [{ name: 'TOKEN', value: 'x' }] })
const own = traced(plainObjects(job).job)
const override = (pointer: string, value: unknown) => ({
  pointer,
  value,
  source: { file: '/p.conf', line: 4 },
  valueFile: '/v.json'
})

t.test('an override appears in the Job with the line of its profile', async t => {
  const merged = withOverrides(
    own,
    [override('/spec/template/spec/priorityClassName', 'high'), override('/metadata/labels/team', 'x')],
    own,
    job,
    RESERVED_FIELDS.Job
  )
  t.match(plainOf(merged), {
    metadata: { labels: { team: 'x' } },
    spec: { template: { spec: { priorityClassName: 'high' } } }
  })
  t.strictSame(
    originsOf(merged).map(({ pointer, origin }) => [pointer, origin.from, origin.file, origin.line]),
    [
      ['/metadata/labels/team', 'override', '/p.conf', 4],
      ['/spec/template/spec/priorityClassName', 'override', '/p.conf', 4]
    ]
  )
})

t.test('an override of a reserved field is refused, with file and line', async t => {
  for (const [pointer, value] of [
    ['/spec/template/spec/containers/0/env/0', { name: 'OTHER', value: '' }],
    ['/spec/template/spec/containers/0/env/-', { name: 'TOKEN', value: '' }],
    ['/spec/template/spec/containers/0/env/1/value', 'x'],
    ['/spec/template/spec/containers/0/name', 'x'],
    ['/metadata/labels/job-launcher~1user', 'x'],
    ['/spec/suspend', true]
  ] as const) {
    t.throws(
      () => withOverrides(own, [override(pointer, value)], own, job, RESERVED_FIELDS.Job),
      {
        code: 'NotAllowedByProfile',
        message:
          /^The JSON override \S+ of \/p\.conf line 4 \(value in \/v\.json\) cannot be applied to the job: it changes \S+, which is reserved for the launcher\.$/,
        details: { key: 'job-json-overrides', pointer, file: '/p.conf', line: 4 }
      },
      pointer
    )
  }
})
