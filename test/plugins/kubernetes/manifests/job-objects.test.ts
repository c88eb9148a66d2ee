import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import type { LauncherError } from '../../../../launcher/errors.ts'
import { problemText } from '../../../../launcher/lib/problem.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import type { RuntimeComponents } from '../../../../plugins/kubernetes/config/runtime.ts'
import { jobObject } from '../../../../plugins/kubernetes/objects/job.ts'
import type { Base } from '../../../../plugins/kubernetes/manifests/bases.ts'
import { checkManifest } from '../../../../plugins/kubernetes/manifests/check-manifest.ts'
import { objectsOf, type ManifestPolicy } from '../../../../plugins/kubernetes/manifests/job-objects.ts'
import { reservedIn } from '../../../../plugins/kubernetes/manifests/check-reserved.ts'
import { RESERVED_FIELDS, type ManifestKind } from '../../../../plugins/kubernetes/manifests/reserved-fields.ts'
import { traced, plainOf, type Source } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { readPointer } from '../../../../plugins/kubernetes/manifests/json-pointer.ts'
import { readManifest } from '../../../../plugins/kubernetes/manifests/read-manifest.ts'
import { jobWith, plainObjects, settings } from '../sample-objects.ts'

interface Fragment { pod?: object, job?: object, service?: object, tag?: string, name?: string }
interface Case {
  shows: string
  cluster?: Fragment
  image?: Fragment
  tags?: Fragment[]
  submission?: Partial<JobSubmission>
  account?: string
  runtime?: Pick<RuntimeComponents, 'image' | 'mountPath'> & Partial<RuntimeComponents>
  tolerations?: object[]
  overrides?: Array<{ pointer: string, value: unknown }>
  gives?: Record<string, unknown>
  from?: Record<string, string>
  refused?: string
}

const IMAGE = 'registry.example/report:1'
const CASES = parse(readFileSync(new URL('merge-cases.yaml', import.meta.url), 'utf8')) as Case[]

async function readFragment ({ pod, job, service }: Fragment, kind: ManifestKind, source: Source) {
  const object = kind === 'Service' ? service : job ?? (pod && { spec: { template: { spec: pod } } })
  if (object === undefined) return undefined
  const text = JSON.stringify({ apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind, ...object }, null, 1)
  const { manifest, problems } = readManifest(text, source)
  const all = [
    ...problems,
    ...(manifest === undefined ? [] : await checkManifest(manifest, kind, RESERVED_FIELDS[kind]))
  ]
  if (all.length > 0) throw new Error(all.map(problemText).join('\n'))
  return manifest
}

async function policyOf ({ cluster, image, tags = [], tolerations, overrides = [] }: Case): Promise<ManifestPolicy> {
  const fragments = [
    ...(cluster === undefined
      ? []
      : [{ target: {}, fragment: cluster, source: { from: 'cluster', file: 'cluster.yaml' } as const }]),
    ...(image === undefined
      ? []
      : [
          {
            target: { image: image.name ?? IMAGE },
            fragment: image,
            source: { from: 'image', name: IMAGE, file: 'image.yaml' } as const
          }
        ]),
    ...tags.map(fragment => ({
      target: { tag: fragment.tag! },
      fragment,
      source: { from: 'tag', name: fragment.tag!, file: 'tag.yaml' } as const
    }))
  ]
  const bases = async (kind: ManifestKind): Promise<Base[]> => {
    const all = await Promise.all(
      fragments.map(async ({ target, fragment, source }) => ({
        ...target,
        manifest: await readFragment(fragment, kind, source)
      }))
    )
    return all.filter((base): base is Base => base.manifest !== undefined)
  }
  return {
    bases: { Job: await bases('Job'), Service: await bases('Service') },
    ...(tolerations !== undefined && { tolerations: { value: tolerations, file: 'profiles.conf', line: 3 } }),
    overrides: overrides.map(({ pointer, value }, index) => ({
      pointer,
      value,
      source: { file: 'profiles.conf', line: 7 },
      valueFile: `${index}.json`
    }))
  }
}

function jobOf ({ submission = {} }: Case) {
  return jobWith({ container: { image: IMAGE }, ...submission })
}

/** The object that a path of a case points into, and the pointer. */
function placeOf (path: string): { kind: ManifestKind, pointer: string } {
  if (path.startsWith('service:')) return { kind: 'Service', pointer: path.slice('service:'.length) }
  return { kind: 'Job', pointer: path.replace(/^pod:/, '/spec/template/spec') }
}

function valueAt (object: unknown, pointer: string): unknown {
  return readPointer(pointer)!.reduce((value, token) => (value as Record<string, unknown> | undefined)?.[token], object)
}

for (const each of CASES) {
  t.test(each.shows, async t => {
    const job = jobOf(each)
    const objects = async () =>
      objectsOf(job, await policyOf(each), {
        ...settings,
        ...(each.account !== undefined && { serviceAccount: each.account }),
        ...(each.runtime !== undefined && { runtime: { delivery: 'auto', ...each.runtime } })
      })
    if (each.refused !== undefined) {
      const error = await objects().catch((error: unknown) => error) as LauncherError
      t.match(error, { name: 'LauncherError', code: /^(InvalidJob|NotAllowedByProfile)$/ })
      t.ok(error.message.includes(each.refused), error.message)
      return
    }
    const { job: made, service, origins } = await objects()
    for (const [path, value] of Object.entries(each.gives ?? {})) {
      const { kind, pointer } = placeOf(path)
      t.strictSame(valueAt(kind === 'Job' ? made : service, pointer), value ?? undefined, path)
    }
    for (const [path, from] of Object.entries(each.from ?? {})) {
      const { kind, pointer } = placeOf(path)
      const found = origins.find(
        origin => origin.kind === kind && (pointer === origin.pointer || pointer.startsWith(`${origin.pointer}/`))
      )
      t.equal(found?.origin.from ?? 'launcher', from, path)
      if (found !== undefined && from !== 'configuration') t.type(found.origin.line, 'number')
    }
  })
}

t.test('the table has at least 40 cases, and covers each origin', async t => {
  t.ok(CASES.length >= 40)
  for (const from of ['cluster', 'image', 'tag', 'profile', 'override', 'configuration', 'launcher']) {
    t.ok(
      CASES.some(each => Object.values(each.from ?? {}).includes(from)),
      from
    )
  }
})

t.test('each field of a base has the file and line that set it as its origin', async t => {
  const { origins } = objectsOf(
    jobOf({ shows: '' }),
    await policyOf({
      shows: '',
      cluster: { pod: { priorityClassName: 'low', containers: [{ name: 'proxy', image: 'proxy:1' }] } }
    }),
    settings
  )
  t.strictSame(origins, [
    {
      kind: 'Job',
      pointer: '/spec/template/spec/priorityClassName',
      origin: { from: 'cluster', file: 'cluster.yaml', line: 7 }
    },
    {
      kind: 'Job',
      pointer: '/spec/template/spec/containers/1',
      origin: { from: 'cluster', file: 'cluster.yaml', line: 9 }
    }
  ])
})

t.test('a Secret is built only if the job needs one', async t => {
  t.match(plainObjects(jobWith({ stdin: 'x' })).secret, { kind: 'Secret' })
  t.strictSame(Object.keys(plainObjects(jobWith())), ['job', 'origins'])
})

t.test('reserved fields are the same under any bases and profile that can be applied', async t => {
  const accepted = CASES.filter(({ refused }) => refused === undefined)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...accepted),
      fc.constantFrom(...accepted),
      fc.constantFrom(...accepted),
      fc.constantFrom(...accepted),
      async (cluster, image, profile, requested) => {
        const tags = requested.submission?.tags ?? []
        const policy = await policyOf({
          shows: '',
          ...(cluster.cluster !== undefined && { cluster: cluster.cluster }),
          ...(image.cluster !== undefined && { image: image.cluster }),
          tags: tags.map(tag => ({ ...cluster.image, tag })),
          ...(profile.tolerations !== undefined && { tolerations: profile.tolerations })
        })
        const job = jobOf(requested)
        const own = reservedIn(traced(jobObject(job, settings)), RESERVED_FIELDS.Job)
        const made = reservedIn(traced(objectsOf(job, policy, settings).job), RESERVED_FIELDS.Job)
        const texts = (all: typeof own): string[] =>
          all.map(({ identity, value }) => `${identity} ${JSON.stringify(plainOf(value))}`).sort()
        t.ok(own.length > 10)
        t.strictSame(texts(made), texts(own))
      }
    ),
    { numRuns: 200 }
  )
})

t.test('what a base sets has precedence over the level restricted, and keeps its own origin', async t => {
  const base = (pod: object) => ({
    bases: {
      Job: [{
        manifest: traced({ spec: { template: { spec: pod } } }, { source: { from: 'cluster', file: 'base.yaml' } })
      }],
      Service: []
    }
  })
  const restricted = { ...settings, podSecurity: 'restricted' as const }
  const set = objectsOf(jobWith(), base({
    securityContext: { runAsNonRoot: false, runAsUser: 5 },
    containers: [{ name: 'content', securityContext: { capabilities: { drop: ['NET_RAW'], add: ['CHOWN'] } } }]
  }), restricted)
  const { securityContext, containers } = set.job.spec!.template.spec!
  t.match(securityContext, { runAsNonRoot: false, runAsUser: 5, seccompProfile: { type: 'RuntimeDefault' } })
  t.strictSame(containers[0]!.securityContext, {
    capabilities: { drop: ['NET_RAW'], add: ['CHOWN'] }, allowPrivilegeEscalation: false
  })
  t.ok(set.origins.every(({ origin }) => origin.from === 'cluster'))

  const added = objectsOf(jobWith(), base({
    containers: [{ name: 'content', securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } } }]
  }), restricted)
  t.strictSame(added.job.spec!.template.spec!.containers[0]!.securityContext!.capabilities, {
    add: ['NET_BIND_SERVICE'], drop: ['ALL']
  })
  const fromKey = added.origins.filter(({ origin }) => origin.from === 'configuration')
  t.strictSame(fromKey.map(({ pointer, origin }) => [pointer, origin.name]), [
    ['/spec/template/spec/securityContext/runAsNonRoot', 'pod-security'],
    ['/spec/template/spec/containers/0/securityContext/capabilities/drop', 'pod-security']
  ])
})
