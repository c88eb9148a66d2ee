import t from 'tap'
import type { LauncherError } from '../../../launcher/errors.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'
import { parseProfiles } from '../../../launcher/lib/profiles.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { applyProfile } from '../../../plugins/kubernetes/apply-profile.ts'
import { PROFILE_KEYS } from '../../../plugins/kubernetes/profile-keys.ts'
import { parseResourceProfiles } from '../../../plugins/kubernetes/resource-profiles.ts'
import { CASES, RESOURCES, type Amounts, type ProfileCase } from './profile-cases.ts'

const FILE = '/etc/profiles.conf'
const problems: Problem[] = []
const EMPTY = { resourceProfiles: parseResourceProfiles(RESOURCES, '/etc/resources.conf', problems), images: [], bases: { Job: [], Service: [] }, tolerations: [], overrides: [] }

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
  const resourceLimits = Object.entries(asks).map(([type, value]) => ({ type, value })) as JobSubmission['resourceLimits']
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

for (const row of CASES) {
  t.test(row.shows, async t => {
    for (const text of textsOf(row)) {
      const policy = { ...EMPTY, profiles: parseProfiles(PROFILE_KEYS, text, FILE, problems) }
      const who = { user: 'ann', groups: row.groups ?? [] }
      const submission = submissionOf(row)
      if (row.refused !== undefined) {
        const [code, line] = row.refused
        const number = text.split('\n').lastIndexOf(line) + 1
        const place = line === '' ? {} : { file: FILE, line: number }
        t.throws(() => applyProfile(submission, policy, who), { code, details: place })
        try { applyProfile(submission, policy, who) } catch (error) { for (const said of [...line === '' ? [] : [`${FILE} line ${number}`], ...row.says ?? []]) t.match((error as LauncherError).message, said) }
        continue
      }
      const { resourceLimits = [], resourceProfile, placementConstraints = [], container } = applyProfile(submission, policy, who)
      if (row.gives !== undefined) t.strictSame(Object.fromEntries(resourceLimits.map(({ type, value }) => [type, value])) as Amounts, row.gives)
      if (row.givesProfile !== undefined) t.equal(resourceProfile ?? 'none', row.givesProfile)
      if (row.givesPlaces !== undefined) t.strictSame(placementConstraints, row.givesPlaces)
      if (row.givesImage !== undefined) t.equal(container?.image ?? 'none', row.givesImage)
    }
  })
}

t.test('the cases are many, differ, and have no mistakes of their own', async t => {
  t.ok(CASES.length >= 60, String(CASES.length))
  t.equal(new Set(CASES.map(({ shows }) => shows)).size, CASES.length)
  t.strictSame(problems, [])
})
