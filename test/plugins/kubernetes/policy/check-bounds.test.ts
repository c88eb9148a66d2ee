import t from 'tap'
import type { Problem } from '../../../../launcher/lib/problem.ts'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import { collectRefusals } from '../../../../launcher/plugin-kit/refusals.ts'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import { traced } from '../../../../plugins/kubernetes/manifests/traced-value.ts'
import { MOUNT_TYPES } from '../../../../plugins/kubernetes/objects/mounts.ts'
import { checkBounds } from '../../../../plugins/kubernetes/policy/check-bounds.ts'
import { mountOf } from '../../../fixtures/sample-submission.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'

const FILE = '/etc/profiles.conf'
const problems: Problem[] = []
const manifest = traced({})
const bases = {
  Job: [{ manifest }, { tag: 'gpu', manifest }, { tag: 'root', manifest }],
  Service: [{ tag: 'lb', manifest }]
}

function policyOf (...lines: string[]) {
  return { bases, profiles: parseProfiles(PROFILE_KEYS, lines.join('\n'), FILE, problems) }
}

function refusalsOf (submission: Partial<JobSubmission>, lines: readonly string[], groups: string[] = []) {
  const refusals = collectRefusals()
  checkBounds({ name: 'n', ...submission }, policyOf(...lines), { user: 'ann', groups }, refusals)
  return refusals.all
}

const containerOf = (more: object = {}): Partial<JobSubmission> => ({ container: { image: 'a:1', ...more } })
const portOf = (publishedPort?: number): Partial<JobSubmission> => ({
  exposedPorts: [{ targetPort: 80, ...(publishedPort !== undefined && { publishedPort }) }]
})
const data: Partial<JobSubmission> = { dataMounts: [{ path: 'a', mountPath: '/m' }] }

/** What a job asks for, the line of the profile for all users if there is one, and the field that is refused. */
type Case = readonly [asks: Partial<JobSubmission>, line: string, field?: string, says?: string]
const CASES: readonly Case[] = [
  ...MOUNT_TYPES.filter(type => ['nfs', 'glusterFs', 'persistentVolumeClaim', 'configMap'].includes(type)).map(
    type => [mountOf(type), ''] as Case
  ),
  ...MOUNT_TYPES.filter(type => ['host', 'cephFs', 'azureFile', 'secret'].includes(type)).map(
    type => [
      mountOf(type),
      '',
      'mounts[0].type',
      `mounts[0] is of type ${type}; no profile of ann has mount-types, so nfs, glusterFs, persistentVolumeClaim, ` +
      'configMap are allowed.'
    ] as Case
  ),
  [mountOf('passthrough', { emptyDir: {} }), '', 'mounts[0].type', 'is of type passthrough:emptyDir;'],
  [mountOf('passthrough', { projected: {} }), 'mount-types=secret,configMap', 'mounts[0].type', ':projected;'],
  [mountOf('passthrough', { emptyDir: {} }), 'mount-types=passthrough:emptyDir'],
  [mountOf('passthrough', { hostPath: {} }), 'mount-types=passthrough:emptyDir,host', 'mounts[0].type', ':hostPath'],
  [mountOf('passthrough', { hostPath: {} }), 'mount-types=passthrough'],
  [mountOf('passthrough', { emptyDir: {}, hostPath: {} }), 'mount-types=passthrough:emptyDir', 'mounts[0].type'],
  [mountOf('passthrough', {}), 'mount-types=passthrough:emptyDir', 'mounts[0].type'],
  [mountOf('host'), 'mount-types=nfs, host'],
  [mountOf('nfs'), 'mount-types=none', 'mounts[0].type', 'allows ann mount-types=none.'],
  [{ mounts: [...mountOf('nfs').mounts!, ...mountOf('secret').mounts!] }, '', 'mounts[1].type'],
  [mountOf('floppy'), 'mount-types=none'],
  [{ host: 'node-a' }, '', 'host', 'The job names the host node-a; no profile of ann has allow-host, so none is'],
  [{ host: 'node-a' }, 'placement-constraints=disk:ssd', 'host'],
  [{ host: 'node-a' }, 'allow-host=false', 'host', 'line 2 allows ann allow-host=false.'],
  [{ host: 'node-a' }, 'allow-host=true'],
  [{ tags: ['free', 'also free'] }, 'base-tags=none'],
  [{ tags: ['free', 'gpu'] }, '', 'tags[1]', 'The tag gpu chooses a base Job; no profile of ann has base-tags, so'],
  [{ tags: ['lb'] }, '', 'tags[0]', 'The tag lb chooses a base Service; '],
  [{ tags: ['gpu', 'root'] }, 'base-tags=gpu, lb', 'tags[1]', 'line 2 allows ann base-tags=gpu, lb.'],
  [{ tags: ['gpu', 'lb'] }, 'base-tags=gpu, lb'],
  [portOf(), ''],
  [portOf(8000), '', 'exposedPorts[0].publishedPort', 'The job publishes the port 8000 on its node;'],
  [portOf(8000), 'published-ports=30000-32767, 443', 'exposedPorts[0].publishedPort', '=30000-32767, 443.'],
  [portOf(30000), 'published-ports=30000-32767, 443'],
  [portOf(32767), 'published-ports=30000-32767, 443'],
  [portOf(443), 'published-ports=30000-32767, 443'],
  [containerOf(), ''],
  [containerOf({ runAsUserId: 0, runAsGroupId: 0, supplementalGroupIds: [0] }), ''],
  [containerOf({ runAsUserId: 0 }), 'run-as-user-ids=1000-1999', 'container.runAsUserId', 'runs as the user 0;'],
  [containerOf({ runAsUserId: 1999 }), 'run-as-user-ids=1000-1999'],
  [containerOf(), 'run-as-user-ids=1000-1999', 'container.runAsUserId', 'an image and no container.runAsUserId;'],
  [{}, 'run-as-user-ids=1000-1999'],
  [containerOf({ runAsGroupId: 5 }), 'run-as-group-ids=6', 'container.runAsGroupId', 'The job runs as the group 5;'],
  [containerOf({ runAsUserId: 5 }), 'run-as-group-ids=6', 'container.runAsGroupId', 'no container.runAsGroupId;'],
  [
    containerOf({ runAsGroupId: 6, supplementalGroupIds: [6, 7] }),
    'run-as-group-ids=6',
    'container.supplementalGroupIds[1]',
    'The job runs as the group 7;'
  ],
  [containerOf({ runAsGroupId: 6, supplementalGroupIds: [7] }), 'run-as-group-ids=6-7'],
  [data, ''],
  [data, 'allow-data-mounts=true'],
  [data, 'allow-data-mounts=false', 'dataMounts', 'The job mounts data of the host;']
]

t.test('a job reaches only what the profile of its user allows', async t => {
  for (const [asks, line, field, says] of CASES) {
    const name = `${JSON.stringify(asks)} with ${line === '' ? 'no profile' : line}`
    const [refusal, ...others] = refusalsOf(asks, line === '' ? [] : ['[*]', line])
    t.strictSame(others, [], name)
    if (field === undefined) {
      t.equal(refusal, undefined, name)
      continue
    }
    t.match(refusal, { code: 'NotAllowedByProfile', details: { field } }, name)
    const key = refusal?.details.key as string
    if (line.startsWith(`${key}=`)) t.match(refusal?.details, { file: FILE, line: 2 }, name)
    else t.match(refusal?.message, `An operator allows more with ${key} in the profiles (profile-config).`, name)
    if (says !== undefined) t.match(refusal?.message, says, name)
  }
})

t.test("a user's section beats a group's, and a group's the one for all", async t => {
  const lines = ['[*]', 'mount-types=host', '[@staff]', 'mount-types=nfs', '[bob]', 'mount-types=secret']
  t.strictSame(refusalsOf(mountOf('host'), lines), [])
  t.match(refusalsOf(mountOf('host'), lines, ['staff']), [{ details: { line: 4 } }])
  t.match(refusalsOf(mountOf('host'), [...lines, '[ann]', 'mount-types=none'], ['staff']), [{ details: { line: 8 } }])
})

t.test('all that a job may not reach is refused at once, each key once', async t => {
  const refusals = refusalsOf(
    { ...mountOf('host'), ...portOf(80), host: 'a', tags: ['gpu', 'root'] },
    []
  )
  t.strictSame(
    refusals.map(({ details }) => details.key),
    ['mount-types', 'allow-host', 'base-tags', 'published-ports']
  )
})

t.test('the profiles of these tests have no mistakes of their own', async t => {
  t.strictSame(problems, [])
})
