// The files of docs/guide/limit-jobs.md pass job-launcher check, and its messages about jobs and wrong files are the
// real ones.

import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import type { ReadFile } from '../../launcher/lib/policy-file.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { plugins } from '../../plugins/index.ts'
import { checkServiceAccount } from '../../plugins/kubernetes/admission/service-account.ts'
import { decide } from '../../plugins/kubernetes/admission/decide.ts'
import { DEFAULT_STRATEGIES } from '../../plugins/kubernetes/images/match-strategy.ts'
import { loadPolicy } from '../../plugins/kubernetes/policy/policy.ts'
import { manifestPolicy } from '../../plugins/kubernetes/rules.ts'
import { commandLine } from '../fixtures/command-line.ts'
import { blocksOf, filesOf } from './blocks.ts'

const FOLDER = '/etc/my-host/launcher'
const SETTINGS = { namespace: 'rstudio', instance: 'c0ffee000000', expiryHours: 24 }
const blocks = blocksOf('limit-jobs.md')
const files = filesOf(blocks)
const inFolder = (name: string): string => `${FOLDER}/${name}`

/** Runs the check on copies of the guide's files; paths in the output are those of the guide. */
async function check (t: Test, changed: Record<string, string> = {}) {
  const folder = t.testdir({ 'host.gcfg': '[Launcher]\nKubernetes = true\n' })
  for (const [file, text] of Object.entries({ ...files, ...changed })) {
    writeFileSync(join(folder, basename(file)), text.replaceAll(FOLDER, folder))
  }
  const args = [
    'check',
    '--settings',
    join(folder, 'host.gcfg'),
    '--set',
    `Launcher.ConfigDir=${folder}`,
    '--set',
    'Launcher.ScratchPath=/tmp/never-made'
  ]
  const { code, stdout, stderr } = await commandLine(args, { loadPlugins: async () => plugins })
  return { code, said: (stdout + stderr).replaceAll(folder, FOLDER) }
}

async function decided (user: string, groups: string[], changes: Partial<JobSubmission>) {
  const read: ReadFile = async file => (files[file] === undefined ? { code: 'ENOENT' } : { text: files[file]! })
  const policy = await loadPolicy(
    {
      profilesFile: inFolder('launcher.kubernetes.profiles.conf'),
      resourcesFile: inFolder('launcher.kubernetes.resources.conf')
    },
    read
  )
  const submission: JobSubmission = { name: 'n', command: 'true', container: { image: 'a:1' }, ...changes }
  return await decide(
    submission,
    { user, groups },
    {
      policy,
      strategies: DEFAULT_STRATEGIES,
      settings: SETTINGS,
      output: { config: { mode: 'node', folder: 'process-logs' } },
      manifestPolicy: subject => manifestPolicy(policy, subject),
      checkAccount: (asked, subject) =>
        checkServiceAccount(asked, subject, {
          profiles: policy.profiles,
          namespace: 'rstudio',
          defaultAccount: undefined,
          exists: async () => true
        })
    },
    { explain: true }
  )
}

t.test('the files of the guide to limits pass the check', async t => {
  const { code, said } = await check(t)
  t.equal(code, 0, said)
  t.strictSame(said.trim().split('\n').sort(), Object.keys(files).sort().map(file => `${file}: ok`))
  t.equal(Object.keys(files).length, 5)
})

t.test('wrong files are reported as the guide to limits shows', async t => {
  const wrong = '# wrong\n[*]\nmax-cpu = 2\n\n[@analysts]\nresource-profiles = huge\n'
  const { code, said } = await check(t, { [inFolder('launcher.kubernetes.profiles.conf')]: wrong })
  t.equal(code, 78)
  t.ok(blocks.includes(said.trim()), said)
})

t.test('jobs are refused in the words of the guide to limits', async t => {
  const cases: Array<[user: string, groups: string[], changes: Partial<JobSubmission>]> = [
    ['ann', ['analysts'], { resourceLimits: [{ type: 'cpuCount', value: 16 }] }],
    ['sam', ['students'], { resourceLimits: [{ type: 'cpuCount', value: 1 }] }],
    ['bob', [], { serviceAccount: 'warehouse-reader' }]
  ]
  for (const [user, groups, changes] of cases) {
    const [refusal] = (await decided(user, groups, changes)).refusals
    const said = `${refusal?.code}: ${refusal?.message}`
    t.ok(blocks.includes(said), said)
  }
})

t.test('ann gets of each level what the guide to limits says, and only her pod has what is hers', async t => {
  const { appliedProfile, objects, refusals } = await decided('ann', ['analysts'], {
    resourceProfile: 'large',
    serviceAccount: 'warehouse-reader'
  })
  t.strictSame(refusals, [])
  t.match(appliedProfile.limits, [
    { type: 'cpuCount', value: 8, max: { value: 8, line: 11 } },
    { type: 'cpuRequest', value: 4 },
    { type: 'memory', value: 32_000, max: { value: 131_072, line: 24 } }
  ])
  t.match((await decided('ann', ['analysts'], {})).appliedProfile.limits[0], {
    type: 'cpuCount',
    value: 1,
    setBy: { key: 'default-cpus', line: 3 }
  })
  t.match(objects?.job.spec?.template.spec, {
    priorityClassName: 'urgent',
    tolerations: [{ key: 'example.com/large' }],
    serviceAccountName: 'warehouse-reader',
    nodeSelector: { disk: 'ssd' }
  })
  t.match((await decided('sam', ['students'], {})).admitted, { resourceProfile: 'small' })
})
