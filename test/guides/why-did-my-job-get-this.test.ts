// The example of docs/guide/why-did-my-job-get-this.md gives the output of the guide. Its files and its job are read
// from the guide.

import t, { type Test } from 'tap'
import { explanationText } from '../../launcher/cli/explanation-text.ts'
import type { ReadFile } from '../../launcher/lib/policy-file.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { decide } from '../../plugins/kubernetes/admission/decide.ts'
import { explain } from '../../plugins/kubernetes/admission/explain.ts'
import { DEFAULT_STRATEGIES } from '../../plugins/kubernetes/images/match-strategy.ts'
import { loadPolicy } from '../../plugins/kubernetes/policy/policy.ts'
import { manifestPolicy } from '../../plugins/kubernetes/rules.ts'
import { QUANTITY_OF } from '../../plugins/kubernetes/objects/resource-requirements.ts'
import { scriptedApp } from '../fixtures/scripted-app.ts'
import { blocksOf, filesOf } from './blocks.ts'

const SETTINGS = { namespace: 'rstudio', instance: 'c0ffee000000', expiryHours: 24 }

const blocks = blocksOf('why-did-my-job-get-this.md')
const files = filesOf(blocks)
const job = JSON.parse(blocks.find(block => block.startsWith('{'))!) as JobSubmission

async function explained (
  t: Test, user: string, groups: string, changes: Partial<JobSubmission> = {}
): Promise<string> {
  const read: ReadFile = async file => (files[file] === undefined ? { code: 'ENOENT' } : { text: files[file]! })
  const policy = await loadPolicy(
    { profilesFile: '/etc/launcher/profiles.conf', definitionFiles: ['/etc/launcher/images.yaml'] },
    read
  )
  const { server } = await scriptedApp(
    t,
    {
      capabilities: {
        operations: [],
        unsupportedFields: [],
        output: 'mixed',
        limits: Object.keys(QUANTITY_OF).map(type => ({ type, enforced: true }))
      },
      decide: async (submission, subject, options) =>
        await explain(
          await decide(submission, subject, {
            policy,
            strategies: DEFAULT_STRATEGIES,
            settings: SETTINGS,
            output: { config: { mode: 'node', folder: 'process-logs' } },
            manifestPolicy: subject => manifestPolicy(policy, subject),
            checkAccount: async () => {}
          }, options),
          { client: { call: async <T>({ body }: { body?: unknown }) => body as T }, namespace: SETTINGS.namespace }
        )
    },
    { groupsFromRequest: true },
    { name: 'Kubernetes' }
  )
  const headers = { 'x-launcher-groups': groups }
  return explanationText(
    (
      await server.inject({ method: 'POST', url: '/v1/explain', headers, payload: { ...job, ...changes, user } })
    ).json(),
    undefined
  )
}

t.test('the explanation is the one that the guide shows', async t => {
  const [ann, bob] = [await explained(t, 'ann', 'analysts'), await explained(t, 'bob', '')]
  const resources = ann.slice(ann.indexOf('resources:'), ann.indexOf('securityContext:', ann.indexOf('resources:')))
  for (const text of [ann.slice(0, ann.indexOf('# Job')), resources, ann.slice(ann.indexOf('tolerations:')), bob]) {
    t.ok(text.trim().split('\n').length > 2, text)
    t.ok(blocks.some(block => block.includes(text.trim())), text)
  }
})
