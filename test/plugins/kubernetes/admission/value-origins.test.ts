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

/** Origins as "pointer from name file line", after it was seen that each leads to something. */
function told (
  t: { ok(value: unknown, message: string): void },
  submission: JobSubmission,
  given: CompletedWith,
  shaped: Parameters<typeof valueOrigins>[2] = []
): string[] {
  const { job } = plainObjects(jobWith(submission))
  return valueOrigins(job, given, shaped).map(({ pointer, origin: { from, name, file, line } }) => {
    t.ok(
      readPointer(pointer)!.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], job),
      pointer
    )
    return `${pointer.replace('/spec/template/spec', '').replace('/containers/0', 'content')} ${from} ${name} ` +
      `${file} ${line}`
  })
}

t.test(
  'amounts and node labels come from the line of the profile or resource profile that sets them',
  async t => {
    const asked: JobSubmission = { name: 'n', command: 'true', container: { image: 'x:1' } }
    const limits = decideLimits(
      [],
      LIMIT_RULES,
      parseProfiles(PROFILE_KEYS, PROFILES, '/p', []),
      { user: 'ann', groups: [] },
      large
    )
    const submission = {
      ...asked,
      resourceLimits: limitsOf(limits),
      placementConstraints: [...large!.placementConstraints]
    }
    t.strictSame(told(t, submission, { asked, limits, resourceProfile: large }), [
      'content/resources/limits/memory resource-profile large /r 2',
      'content/resources/limits/cpu profile max-cpus /p 2',
      'content/resources/requests/memory profile memory-request-ratio /p 3',
      '/nodeSelector/disk resource-profile large /r 1'
    ])
  }
)

t.test('values that the job requests itself have no origin', async t => {
  const asked: JobSubmission = {
    name: 'n',
    command: 'true',
    container: { image: 'r:4.4' },
    resourceLimits: [{ type: 'cpuCount', value: 1 }]
  }
  t.strictSame(told(t, asked, { asked, limits: [{ type: 'cpuCount', asked: 1, value: 1 }] }), [])
})

t.test('a selected image adds the values of its definition to those of the job', async t => {
  const mount = { type: 'host', mountPath: '/data', source: { path: '/data' } }
  const asked: JobSubmission = {
    name: 'n',
    command: 'true',
    runtime: { r: '4.4' },
    environment: [{ name: 'A', value: '1' }],
    mounts: [mount]
  }
  const chosen = selectImage({ definitions, runtime: asked.runtime! })
  t.strictSame(told(t, completeWithImage(asked, chosen), { asked, limits: [], definition: chosen.definition }), [
    'content/image image-definition r:4.4 /i 1',
    'content/command/0 image-definition r:4.4 /i 1',
    'content/env/1 image-definition r:4.4 /i 1',
    'content/volumeMounts/1 image-definition r:4.4 /i 1',
    '/volumes/1 image-definition r:4.4 /i 1'
  ])
})

t.test('an image named by the job or its profile has that origin', async t => {
  const named: JobSubmission = { name: 'n', command: 'true', container: { image: 'r:4.4' } }
  t.strictSame(
    told(t, named, { asked: named, limits: [], definition: selectImage({ definitions, image: 'r:4.4' }).definition }),
    []
  )
  const asked: JobSubmission = { name: 'n', command: 'true' }
  t.strictSame(told(t, named, { asked, limits: [], presetImage: { value: 'r:4.4', file: '/p', line: 7 } }), [
    'content/image profile default-container-image /p 7'
  ])
})

t.test('manifests that shape the object afterwards are the final origin', async t => {
  const asked: JobSubmission = { name: 'n', command: 'true', container: { image: 'x:1' } }
  const limits = [{ type: 'cpuCount', value: 2, setBy: { key: 'max-cpus', file: '/p', line: 2 } }]
  const shaped = [
    { pointer: '/spec/template/spec/containers/0/resources', origin: { from: 'override', file: '/p', line: 9 } }
  ]
  t.strictSame(told(t, { ...asked, resourceLimits: [{ type: 'cpuCount', value: 2 }] }, { asked, limits }, shaped), [])
})
