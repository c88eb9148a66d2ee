import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfiguration } from '../../launcher/config/prepare.ts'
import { readPolicyFile } from '../../launcher/lib/policy-file.ts'
import type { JobSubmission, Subject } from '../../launcher/plugin.ts'
import { plugins } from '../../plugins/index.ts'
import type { KubernetesConfig } from '../../plugins/kubernetes/config/config.ts'
import { decide } from '../../plugins/kubernetes/admission/decide.ts'
import { loadPolicy } from '../../plugins/kubernetes/policy/policy.ts'
import { manifestPolicy } from '../../plugins/kubernetes/rules.ts'
import { commandLine } from '../fixtures/command-line.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/policy')
const POLICY = readdirSync(EXAMPLE).filter(name => name !== 'README.md' && name !== 'host.gcfg').sort()

/** As examples/policy/README.md has it, with PWD as the folder. */
function options (folder: string): string[] {
  const [, command = ''] = /^ {4}job-launcher check ((?:.*\\\n)*.*)$/m.exec(
    readFileSync(join(EXAMPLE, 'README.md'), 'utf8')
  )!
  return command
    .replaceAll('\\\n', ' ')
    .replaceAll('"', '')
    .replaceAll('$PWD', folder)
    .replace('host.gcfg', join(folder, 'host.gcfg'))
    .split(/ +/)
}

async function check (folder: string): Promise<{ code: number; files: string[]; problems: Array<{ file: string }> }> {
  const { code, stdout } = await commandLine(['check', ...options(folder), '--json'], {
    loadPlugins: async () => plugins
  })
  return { code, ...JSON.parse(stdout) }
}

t.test('job-launcher check passes the example policy and reads every file of it', async t => {
  const { code, files, problems } = await check(EXAMPLE)
  t.strictSame(problems, [])
  t.equal(code, 0)
  t.strictSame(files.map(file => file.slice(EXAMPLE.length + 1)).sort(), POLICY)
})

t.test('job-launcher check fails when any file of the example policy is wrong', async t => {
  for (const name of POLICY) {
    const folder = t.testdir({})
    cpSync(EXAMPLE, folder, { recursive: true })
    writeFileSync(join(folder, name), `${readFileSync(join(folder, name), 'utf8')}\n[wrong`)
    const { code, problems } = await check(folder)
    t.equal(code, 78, name)
    t.ok(problems.some(({ file }) => file === join(folder, name)), name)
  }
})

async function decided (submission: Partial<JobSubmission>, subject: Subject) {
  const [, file = '', ...set] = options(EXAMPLE).filter(word => word !== '--set')
  const { clusters } = await readConfiguration({ settings: { file, set } }, plugins)
  const config = clusters.find(({ type }) => type === 'Kubernetes')!.config as KubernetesConfig
  const policy = await loadPolicy(config, readPolicyFile)
  const settings = {
    namespace: config.namespace!,
    instance: 'c0ffee000000',
    expiryHours: 1,
    runtime: config.runtime!,
    data: config.data!
  }
  return await decide({ name: 'n', command: 'true', ...submission }, subject, {
    policy,
    strategies: config.strategies,
    settings,
    output: { config: { mode: 'node', folder: 'process-logs' } },
    manifestPolicy: subject => manifestPolicy(policy, subject),
    checkAccount: async () => {}
  }, { explain: true })
}

t.test(
  "an analyst's job gets what the profile, the image, the tag and the host of the example policy give it",
  async t => {
    const { refusals, objects } = await decided(
      {
        container: { image: 'registry.example/content/gpu:2026.11' },
        runtime: { python: '3.12' },
        resourceProfile: 'gpu',
        tags: ['nightly'],
        dataMounts: [{ path: 'apps/12', mountPath: '/app', waitForFiles: ['app.py'] }]
      },
      { user: 'bob', groups: ['analysts'] }
    )
    t.strictSame(refusals, [])
    t.match(objects?.job, {
      spec: {
        activeDeadlineSeconds: 14_400,
        template: {
          metadata: { annotations: { 'example.com/cost-center': 'analysis' } },
          spec: {
            priorityClassName: 'analysts',
            runtimeClassName: 'nvidia',
            tolerations: [{ key: 'example.com/content' }, { key: 'example.com/analysts' }, { key: 'nvidia.com/gpu' }],
            initContainers: [
              { name: 'runtime-init', image: 'registry.example/host/runtime:2026.08.0' },
              { name: 'wait-for-files' }
            ],
            containers: [
              { name: 'content', resources: { limits: { cpu: '8', 'nvidia.com/gpu': '1' } } },
              { name: 'metrics' }
            ]
          }
        }
      }
    })
    const paths = objects?.job.spec?.template.spec?.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath) ?? []
    for (const path of ['/etc/ssl/site', '/dev/shm', '/app', '/opt/host-runtime', '/models', '/var/cache/models']) {
      t.ok(paths.includes(path), path)
    }
  }
)

t.test('a guest of the example policy is refused what the guest profile does not allow', async t => {
  const { refusals } = await decided(
    { runtime: { r: '4.4' }, resourceLimits: [{ type: 'cpuCount', value: 4 }] },
    { user: 'eve', groups: ['guests'] }
  )
  t.match(refusals, [{ code: 'NotAllowedByProfile' }])
})
