import t from 'tap'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import {
  checkOutputMode,
  outputModeOf,
  outputWaitOf,
  type OutputRules
} from '../../../../plugins/kubernetes/admission/output-mode.ts'

const CLAIM = { source: { persistentVolumeClaim: { claimName: 'c' } }, waitSeconds: 1 }
const FOLDER = { source: { hostPath: { path: '/srv' } }, path: '/srv', waitSeconds: 1 }
const image = (output?: 'data' | 'node') => ({ container: { image: 'i', ...(output && { output }) } })
const submission = (changes: Partial<JobSubmission> = {}): JobSubmission =>
  ({ name: 'j', exe: 'prog', ...image(), ...changes })
const { exe: _exe, ...ownProgram } = submission()
const named = (name: string) => ({ environment: [{ name: 'A', value: '' }, { name, value: '' }] })
const rules = (
  mode: OutputRules['config']['mode'] = 'auto', changes: Partial<OutputRules> = {}, dataPath: string | null = '/mnt'
): OutputRules => ({
  config: { mode, folder: 'process-logs', ...(dataPath !== null && { dataPath }) },
  data: CLAIM,
  ...changes
})
const away = { problem: { message: 'The data is away.', help: 'Mount it.', reason: 'DataNotMounted' } } as const

t.test('the job decides before the cluster, and auto uses the data if nothing prevents it', async t => {
  for (const [title, job, given, mode] of [
    ['auto', submission(), rules(), 'data'],
    ['node', submission(), rules('node'), 'node'],
    ['data', submission(), rules('data'), 'data'],
    ['node of the job', submission(image('node')), rules('data'), 'node'],
    ['data of the job', submission(image('data')), rules('node'), 'data'],
    ['data of the job, which are away now', submission(image('data')), rules('auto', away), 'data'],
    ['auto, and the data are away now', submission(), rules('auto', away), 'node'],
    ['data of the cluster, which are away now', submission(), rules('data', away), 'data'],
    ["auto, and the image's own program", ownProgram, rules(), 'node'],
    ["node, and the image's own program", ownProgram, rules('node'), 'node'],
    ['auto without a path of the data', submission(), rules('auto', {}, null), 'node'],
    ['auto with a volume that the level forbids', submission(),
      rules('auto', { data: FOLDER, enforcedLevel: 'baseline' }), 'node'],
    ['auto with a volume that the level allows', submission(), rules('auto', { enforcedLevel: 'restricted' }), 'data'],
    ['auto with a variable that shells drop', submission(named('A.B')), rules(), 'node'],
    ['auto with a variable that shells set', submission(named('PWD')), rules(), 'node'],
    ['a command, whose shell drops the variable anyway',
      { ...ownProgram, command: 'true', ...named('A.B') }, rules(), 'data'],
    ['a command with a supervisor, which would have the variable',
      { ...ownProgram, command: 'true', ...named('A.B'), container: { image: 'i', supervisor: '/s' } },
      rules(), 'node'],
    ['other variables', submission(named('PATH')), rules(), 'data']
  ] as const) {
    t.equal(outputModeOf(job, given), mode, title)
  }
})

t.test('a job whose output must be in the data and cannot be is refused with what to do', async t => {
  for (const [job, given, code, field, message] of [
    [submission(image('data')), { config: { mode: 'auto', folder: 'l' } },
      'NotSupportedByCluster', 'container.output', /^container\.output is data, .* no data of the host.*PVCName/],
    [submission(image('data')), rules('node', {}, null),
      'NotSupportedByCluster', 'container.output', /no path of the data.*Launcher\.DataDirPath/],
    [submission(), rules('data', { data: FOLDER, enforcedLevel: 'restricted' }),
      'NotSupportedByCluster', 'container.output', /Launcher\.KubernetesOutput is data.* type hostPath/],
    [ownProgram, rules('data'), 'InvalidJob', 'exe', /name the program of the image in exe, or set container\.output/],
    [{ ...ownProgram, ...image('data') }, rules(), 'InvalidJob', 'exe', /^container\.output is data/],
    [submission(named('A-B')), rules('data'), 'InvalidJob', 'environment[1].name', /environment\[1\]\.name, A-B;/],
    [submission({ secrets: [{ name: 'SHLVL', value: 'x' }] }), rules('data'),
      'InvalidJob', 'secrets[0].name', /pass on the variable secrets\[0\]\.name, SHLVL;/]
  ] as const) {
    t.throws(() => outputModeOf(job, given), { code, details: { field }, message }, message.source)
    t.throws(() => { checkOutputMode(job, given) }, { code }, message.source)
  }
})

t.test('a job that requires the data is refused while the launcher cannot write there', async t => {
  t.throws(() => { checkOutputMode(submission(image('data')), rules('auto', away)) }, {
    code: 'NotSupportedByCluster',
    details: { field: 'container.output' },
    message: /cannot keep output there now\. The data is away\. Set container\.output to node/
  })
  for (const given of [rules('auto', away), rules('data', away), rules('auto'), rules('node', away)]) {
    t.doesNotThrow(() => { checkOutputMode(submission(), given) })
  }
})

t.test('a file that the job chose needs the data', async t => {
  const chosen = submission({ stderrFile: '/app/err' })
  t.equal(outputModeOf(chosen, rules()), 'data')
  t.equal(outputModeOf(chosen, rules('auto', away)), 'data')
  for (const [job, given, message] of [
    [chosen, rules('node'), /^stderrFile is a file in the data of the host, and Launcher\.KubernetesOutput is node\./],
    [{ ...chosen, ...image('node') }, rules(), /^stderrFile is .*, and container\.output is node\./],
    [{ ...chosen, exe: undefined } as unknown as JobSubmission, rules(),
      /^stderrFile is .*, and only a program that .* in exe, or remove stderrFile\.$/],
    [chosen, rules('auto', {}, null), /^stderrFile is .*, and the launcher has no path .* Or remove stderrFile\.$/]
  ] as const) t.throws(() => outputModeOf(job, given), { message })
})

t.test('a job that chose a file is refused with why the cluster keeps output in the logs of its nodes now', async t => {
  for (const container of [image(), image('data')]) {
    const chosen = submission({ stdoutFile: '/app/out', ...container })
    t.throws(() => { checkOutputMode(chosen, rules('auto', away)) }, {
      code: 'NotSupportedByCluster',
      details: { field: 'stdoutFile' },
      message: 'stdoutFile is a file in the data of the host, and the cluster keeps output in the logs of its nodes ' +
        'now. The data is away. Remove stdoutFile, or submit the job again once output is kept in the data.'
    })
  }
  t.doesNotThrow(() => { checkOutputMode(submission({ stdoutFile: '/app/out' }), rules('data', away)) })
})

t.test('a job whose output must be in the data would wait while the launcher cannot write there', async t => {
  t.strictSame(outputWaitOf(submission(), rules('data', away)), {
    state: 'waits', reason: 'DataNotMounted', message: 'The data is away. Mount it.'
  })
  t.strictSame(outputWaitOf(submission(), rules('data', { problem: { message: 'No.', help: 'Do.' } })), {
    state: 'waits', message: 'No. Do.'
  })
  t.equal(outputWaitOf(submission(), rules('data')), undefined)
  t.equal(outputWaitOf(submission(image('node')), rules('data', away)), undefined)
  t.equal(outputWaitOf(submission(), rules('auto', away)), undefined, 'it uses the logs of the nodes')
})
