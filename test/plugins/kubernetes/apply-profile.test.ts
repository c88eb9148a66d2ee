import t from 'tap'
import type { LauncherError } from '../../../launcher/errors.ts'
import { parseProfiles } from '../../../launcher/lib/profiles.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { applyProfile } from '../../../plugins/kubernetes/apply-profile.ts'
import { PROFILE_KEYS } from '../../../plugins/kubernetes/profile-keys.ts'
import { CASES, type Amounts, type ProfileCase } from './profile-cases.ts'

const FILE = '/etc/profiles.conf'

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

function submissionOf ({ asks = {}, image, runtime, places }: ProfileCase): JobSubmission {
  const resourceLimits = Object.entries(asks).map(([type, value]) => ({ type, value })) as JobSubmission['resourceLimits']
  return {
    name: 'case',
    command: 'true',
    ...(resourceLimits!.length > 0 && { resourceLimits: resourceLimits! }),
    ...(image !== undefined && { container: { image } }),
    ...(runtime !== undefined && { runtime }),
    ...(places !== undefined && { placementConstraints: [...places] })
  }
}

for (const row of CASES) {
  t.test(row.shows, async t => {
    for (const text of textsOf(row)) {
      const rules = { profiles: parseProfiles(PROFILE_KEYS, text, FILE, []), user: 'ann', groups: row.groups ?? [] }
      const submission = submissionOf(row)
      if (row.refused !== undefined) {
        const [code, line] = row.refused
        const number = text.split('\n').lastIndexOf(line) + 1
        t.throws(() => applyProfile(submission, rules), { code, details: { file: FILE, line: number } })
        try { applyProfile(submission, rules) } catch (error) { t.match((error as LauncherError).message, `${FILE} line ${number}`) }
        continue
      }
      const { resourceLimits = [], container } = applyProfile(submission, rules)
      if (row.gives !== undefined) t.strictSame(Object.fromEntries(resourceLimits.map(({ type, value }) => [type, value])) as Amounts, row.gives)
      if (row.givesImage !== undefined) t.equal(container?.image ?? 'none', row.givesImage)
    }
  })
}
