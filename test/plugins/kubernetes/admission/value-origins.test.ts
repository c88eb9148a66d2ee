import t from 'tap'
import { LIMIT_RULES } from '../../../../plugins/kubernetes/policy/apply-profile.ts'
import { decideLimits, limitsOf } from '../../../../launcher/plugin-kit/decide-limits.ts'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { valueOrigins, type CompletedWith } from '../../../../plugins/kubernetes/admission/value-origins.ts'
import { parseDefinitions } from '../../../../plugins/kubernetes/images/definition.ts'
import { selectImage } from '../../../../plugins/kubernetes/images/select.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'
import { parseResourceProfiles } from '../../../../plugins/kubernetes/policy/resource-profiles.ts'
import { readPointer } from '../../../../plugins/kubernetes/manifests/json-pointer.ts'
import { completeWithImage } from '../../../../plugins/kubernetes/admission/select-image.ts'
import { jobWith, plainObjects } from '../sample-objects.ts'

const PROFILES = '[*]\nmax-cpus = 2\nmemory-request-ratio = 0.5\n'
const [large] = parseResourceProfiles('[large]\nmem-mb = 100\nplacement-constraints = disk:ssd, gpu\n', '/r', [])
const definitions = parseDefinitions(
  [
    {
      file: '/i',
      text: '- name: r:4.4\n  supervisor: /bin/with-r\n  r: { installations: [{ path: /opt/R, version: 4.4.2 }] }\n ' +
        ' volume_mounts: [{ source: { volume_type: pvc, pvc_name: shared }, target: { path: /shared } }]\n'
    }
  ],
  []
)

/** Returns origins as "pointer from name file line", and checks that each pointer leads to a value. */
function originsOf (
  t: { ok(value: unknown, message: string): void },
  submission: JobSubmission,
  completedWith: CompletedWith,
  mergedOrigins: Parameters<typeof valueOrigins>[2] = []
): string[] {
  const { job } = plainObjects(jobWith(submission))
  return valueOrigins(job, completedWith, mergedOrigins).map(({ pointer, origin: { from, name, file, line } }) => {
    t.ok(
      readPointer(pointer)!.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], job),
      pointer
    )
    return `${pointer.replace('/spec/template/spec', '').replace('/containers/0', 'content')} ${from} ${name} ` +
      `${file} ${line}`
  })
}

t.test(
  'limits and node labels have the line of the profile or resource profile that sets them as origin',
  async t => {
    const requested: JobSubmission = { name: 'n', command: 'true', container: { image: 'x:1' } }
    const limits = decideLimits(
      [],
      LIMIT_RULES,
      parseProfiles(PROFILE_KEYS, PROFILES, '/p', []),
      { user: 'ann', groups: [] },
      large
    )
    const submission = {
      ...requested,
      resourceLimits: limitsOf(limits),
      placementConstraints: [...large!.placementConstraints]
    }
    t.strictSame(originsOf(t, submission, { requested, limits, resourceProfile: large }), [
      'content/resources/limits/memory resource-profile large /r 2',
      'content/resources/limits/cpu profile max-cpus /p 2',
      'content/resources/requests/memory profile memory-request-ratio /p 3',
      '/nodeSelector/disk resource-profile large /r 1'
    ])
  }
)

t.test('values that the job requests itself have no origin', async t => {
  const requested: JobSubmission = {
    name: 'n',
    command: 'true',
    container: { image: 'r:4.4' },
    resourceLimits: [{ type: 'cpuCount', value: 1 }]
  }
  t.strictSame(originsOf(t, requested, { requested, limits: [{ type: 'cpuCount', asked: 1, value: 1 }] }), [])
})

t.test('values of a selected image have its definition as origin', async t => {
  const mount = { type: 'host', mountPath: '/data', source: { path: '/data' } }
  const requested: JobSubmission = {
    name: 'n',
    command: 'true',
    runtime: { r: '4.4' },
    environment: [{ name: 'A', value: '1' }],
    mounts: [mount]
  }
  const selected = selectImage({ definitions, runtime: requested.runtime! })
  const submission = completeWithImage(requested, selected)
  t.strictSame(originsOf(t, submission, { requested, limits: [], definition: selected.definition }), [
    'content/image image-definition r:4.4 /i 1',
    'content/command/0 image-definition r:4.4 /i 1',
    'content/env/2 image-definition r:4.4 /i 1',
    'content/volumeMounts/1 image-definition r:4.4 /i 1',
    '/volumes/1 image-definition r:4.4 /i 1'
  ])
})

t.test("an image that the job names has no origin, and the profile's default image has the profile's line", async t => {
  const named: JobSubmission = { name: 'n', command: 'true', container: { image: 'r:4.4' } }
  const { definition } = selectImage({ definitions, image: 'r:4.4' })
  t.strictSame(originsOf(t, named, { requested: named, limits: [], definition }), [])
  const requested: JobSubmission = { name: 'n', command: 'true' }
  t.strictSame(originsOf(t, named, { requested, limits: [], defaultImage: { value: 'r:4.4', file: '/p', line: 7 } }), [
    'content/image profile default-container-image /p 7'
  ])
})

t.test('a part that manifests set afterwards is left out', async t => {
  const requested: JobSubmission = { name: 'n', command: 'true', container: { image: 'x:1' } }
  const limits = [{ type: 'cpuCount', value: 2, setBy: { key: 'max-cpus', file: '/p', line: 2 } }]
  const mergedOrigins = [
    { pointer: '/spec/template/spec/containers/0/resources', origin: { from: 'override', file: '/p', line: 9 } }
  ]
  const submission: JobSubmission = { ...requested, resourceLimits: [{ type: 'cpuCount', value: 2 }] }
  t.strictSame(originsOf(t, submission, { requested, limits }, mergedOrigins), [])
})
