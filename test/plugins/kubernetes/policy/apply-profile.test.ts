import t from 'tap'
import type { Problem } from '../../../../launcher/lib/problem.ts'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import { collectRefusals } from '../../../../launcher/plugin-kit/refusals.ts'
import type { JobSubmission, Subject } from '../../../../launcher/plugin.ts'
import { applyProfile } from '../../../../plugins/kubernetes/policy/apply-profile.ts'
import type { Policy } from '../../../../plugins/kubernetes/policy/policy.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'
import { parseResourceProfiles } from '../../../../plugins/kubernetes/policy/resource-profiles.ts'
import { CASES } from './profile-cases.ts'
import { RESOURCES, type Amounts, type ProfileCase } from './profile-fixtures.ts'

const FILE = '/etc/profiles.conf'
const problems: Problem[] = []
const EMPTY = {
  resourceProfiles: parseResourceProfiles(RESOURCES, '/etc/resources.conf', problems),
  images: [],
  bases: { Job: [], Service: [] },
  tolerations: [],
  overrides: []
}

function levelOf (name: string): number {
  return name === '*' ? 0 : name.startsWith('@') ? 1 : 2
}

/** The text of the file for each order of the three levels. */
function textsOf ({ sections }: ProfileCase): string[] {
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
  return orders.map(order => order
    .flatMap(level => sections.filter(([name]) => levelOf(name) === level))
    .map(([name, ...lines]) => `[${name}]\n${lines.join('\n')}\n`).join('\n'))
}

function submissionOf ({ asks = {}, takes, image, runtime, places }: ProfileCase): JobSubmission {
  const resourceLimits = Object.entries(asks).map(([type, value]) => ({
    type,
    value
  })) as JobSubmission['resourceLimits']
  return {
    name: 'case',
    command: 'true',
    ...(resourceLimits!.length > 0 && { resourceLimits: resourceLimits! }),
    ...(takes !== undefined && { resourceProfile: takes }),
    ...(image !== undefined && { container: { image } }),
    ...(runtime !== undefined && { runtime }),
    ...(places !== undefined && { placementConstraints: [...places] })
  }
}

function applied (...[submission, policy, subject]: [JobSubmission, Policy, Subject]) {
  const refusals = collectRefusals()
  return { ...applyProfile(submission, policy, subject, refusals), refusals: refusals.all }
}

for (const row of CASES) {
  t.test(row.shows, async t => {
    for (const text of textsOf(row)) {
      const policy = { ...EMPTY, profiles: parseProfiles(PROFILE_KEYS, text, FILE, problems) }
      const subject = { user: 'ann', groups: row.groups ?? [] }
      const submission = submissionOf(row)
      const outcome = applied(submission, policy, subject)
      if (row.refused !== undefined) {
        const [code, line] = row.refused
        const number = text.split('\n').lastIndexOf(line) + 1
        const place = line === '' ? {} : { file: FILE, line: number }
        const [refusal] = outcome.refusals
        t.match(refusal, { code, details: place })
        for (const part of [...(line === '' ? [] : [`${FILE} line ${number}`]), ...(row.says ?? [])]) {
          t.match(refusal?.message, part)
        }
        continue
      }
      const { resourceLimits = [], resourceProfile, placementConstraints = [], container } = outcome.submission
      t.strictSame(outcome.refusals, [])
      if (row.gives !== undefined) {
        t.strictSame(Object.fromEntries(resourceLimits.map(({ type, value }) => [type, value])) as Amounts, row.gives)
      }
      if (row.givesProfile !== undefined) t.equal(resourceProfile ?? 'none', row.givesProfile)
      if (row.givesPlaces !== undefined) t.strictSame(placementConstraints, row.givesPlaces)
      if (row.givesImage !== undefined) t.equal(container?.image ?? 'none', row.givesImage)
    }
  })
}

t.test('every refusal of the profiles is reported, and each limit with the line that sets it', async t => {
  const text =
    '[*]\nmax-cpus=2\nmax-mem-mb=100\ncpu-request-ratio=0.5\ncontainer-images=a:1\nplacement-constraints=disk:ssd\n'
  const policy = { ...EMPTY, profiles: parseProfiles(PROFILE_KEYS, text, FILE, problems) }
  const { refusals, limits } = applied(
    {
      name: 'n',
      container: { image: 'b:1' },
      resourceLimits: [{ type: 'cpuCount', value: 4 }],
      placementConstraints: [{ name: 'gpu' }]
    },
    policy,
    { user: 'ann', groups: [] }
  )
  t.strictSame(
    refusals.map(({ code, details }) => [code, details.line]),
    [
      ['NotAllowedByProfile', 5],
      ['NotAllowedByProfile', 6],
      ['LimitExceeded', 2]
    ]
  )
  t.match(limits, [
    { type: 'cpuCount', asked: 4, value: 4, max: { key: 'max-cpus', value: 2, file: FILE, line: 2 } },
    { type: 'memory', value: 100, setBy: { key: 'max-mem-mb', file: FILE, line: 3 } },
    { type: 'cpuRequest', value: 2, setBy: { key: 'cpu-request-ratio', line: 4 } }
  ])
})

t.test('the table has at least 60 cases with distinct names and valid files', async t => {
  t.ok(CASES.length >= 60, String(CASES.length))
  t.equal(new Set(CASES.map(({ shows }) => shows)).size, CASES.length)
  t.strictSame(problems, [])
})
