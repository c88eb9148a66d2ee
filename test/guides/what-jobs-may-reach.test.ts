// The tables of docs/guide/what-jobs-may-reach.md name every field of a job, every type of mount and every key, and its
// messages are the real ones.

import { readFileSync } from 'node:fs'
import t from 'tap'
import type { TSchema } from 'typebox'
import { parseProfiles } from '../../launcher/plugin-kit/profiles.ts'
import { collectRefusals } from '../../launcher/plugin-kit/refusals.ts'
import { JobSubmission } from '../../launcher/model/job.ts'
import { SERVER_KEYS } from '../../launcher/config/server-keys.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { MOUNT_TYPES } from '../../plugins/kubernetes/objects/mounts.ts'
import { boundOf } from '../../plugins/kubernetes/policy/bounds.ts'
import { checkBounds } from '../../plugins/kubernetes/policy/check-bounds.ts'
import { PROFILE_KEYS } from '../../plugins/kubernetes/policy/profile-keys.ts'
import { blocksOf, filesOf } from './blocks.ts'

const GUIDE = 'what-jobs-may-reach.md'
const FILE = '/etc/my-host/launcher/launcher.kubernetes.profiles.conf'
const text = readFileSync(new URL(`../../docs/guide/${GUIDE}`, import.meta.url), 'utf8')
const blocks = blocksOf(GUIDE)
const ann = { user: 'ann', groups: ['analysts'] }

type Row = readonly [name: string, reaches: string, bound: string]

/** The rows of the table below a heading. */
function rowsOf (heading: string): Row[] {
  const section = text.slice(text.indexOf(`\n## ${heading}\n`) + 1)
  const [, table = ''] = /\n\n(\|[^]*?)\n\n/.exec(`${section}\n\n`) ?? []
  return table
    .split('\n')
    .slice(2)
    .map(line => line.split('|').slice(1, -1).map(cell => cell.trim()) as unknown as Row)
}

const codesIn = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!)

interface Node {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
}

/** Every value that a schema lets a user write, by its path; what the schema leaves open has the path of the whole. */
function fieldsOf ({ properties, items }: Node, path = ''): string[] {
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, node]) => fieldsOf(node, path === '' ? name : `${path}.${name}`))
  }
  return items?.properties === undefined ? [path] : fieldsOf(items, `${path}[]`)
}

t.test('each field of a job has one row that says what it lets a user reach', async t => {
  const fields = fieldsOf(JobSubmission as TSchema as Node)
  t.ok(fields.includes('mounts[].source') && fields.includes('container.runAsUserId') && fields.includes('tags'))
  const documented = rowsOf('Fields').flatMap(([field]) => codesIn(field))
  t.strictSame([...documented].sort(), [...fields].sort())
  for (const [field, reaches] of rowsOf('Fields')) t.match(reaches, /\w/, field)
})

t.test('the keys that bound the fields exist, and each key of a profile that bounds jobs has a row', async t => {
  const profileKeys = Object.keys(PROFILE_KEYS)
  const known = [
    ...profileKeys,
    ...Object.keys(KubernetesKeys.properties),
    ...Object.keys(SERVER_KEYS.properties),
    'allowed-groups'
  ]
  const named = rowsOf('Fields')
    .flatMap(([, , bound]) => codesIn(bound))
    .filter(code => /^[a-z]+(-[a-z]+)+$/.test(code))
  for (const key of named) t.ok(known.includes(key), key)
  const givesOnly = /^default-|-ratio$|^tolerations-file$|^job-json-overrides$|^runtime-delivery$/
  for (const key of profileKeys.filter(key => !givesOnly.test(key))) t.ok(named.includes(key), key)
})

t.test('each type of mount has a row, with whether it is allowed without a profile', async t => {
  const rows = rowsOf('Mounts')
  t.strictSame(rows.map(([type]) => codesIn(type)[0]), MOUNT_TYPES)
  const { value } = boundOf('mount-types', { profiles: parseProfiles(PROFILE_KEYS, '', '', []) }, ann)
  t.strictSame(rows.filter(([, , allowed]) => allowed === 'yes').map(([type]) => codesIn(type)[0]), value)
  t.ok(rows.every(([, , allowed]) => allowed === 'yes' || allowed === 'no'))
})

t.test('jobs are refused in the words of the guide to what they may reach', async t => {
  const problems: never[] = []
  const profiles = parseProfiles(PROFILE_KEYS, filesOf(blocks)[FILE]!, FILE, problems)
  t.strictSame(problems, [])
  const refusals = collectRefusals()
  checkBounds(
    { name: 'n', mounts: [{ type: 'secret', source: {}, mountPath: '/m' }], host: 'node-7' },
    { profiles, bases: { Job: [], Service: [] } },
    ann,
    refusals
  )
  t.equal(refusals.all.length, 2)
  const said = refusals.all.map(({ code, message }) => `${code}: ${message}`).join('\n')
  t.ok(blocks.includes(said), said)
})
