import { execFile } from 'node:child_process'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { DataMount } from '../../../../plugins/kubernetes/objects/data-mounts.ts'
import { waitingForFiles, waitParts } from '../../../../plugins/kubernetes/objects/wait-for-files.ts'
import { expand } from '../expand.ts'
import { jobWith } from '../sample-objects.ts'

const data = { source: { persistentVolumeClaim: { claimName: 'c' } }, subPath: 'site', waitSeconds: 300 }
const stepOf = (dataMounts: DataMount[], changes = {}) =>
  waitParts(jobWith({ dataMounts, ...changes }), { ...data, ...changes }).initContainers[0]

t.test('the step sees the folders of the files, for reading, and no other', async t => {
  const step = stepOf(
    [
      { path: 'apps/12', mountPath: '/app', waitForFiles: ['app.R', '$HOME/x y'] },
      { path: 'shared', mountPath: '/s' },
      { path: 'b', mountPath: '/b', waitForFiles: ['c'] }
    ],
    { resourceLimits: [{ type: 'memory', value: 5 }] }
  )!
  t.match(step, { name: 'wait-for-files', image: 'registry.example/report:1', resources: { limits: { memory: '5M' } } })
  t.strictSame(step.volumeMounts, [
    { name: 'host-data', mountPath: '/app', subPath: 'site/apps/12', readOnly: true },
    { name: 'host-data', mountPath: '/b', subPath: 'site/b', readOnly: true }
  ])
  t.strictSame(
    step.command?.slice(4).map(word => expand(word, {})),
    ['sh', '300', '/app/app.R', '/app/$HOME/x y', '/b/c']
  )
})

t.test('a job that waits for no files has no step', async t => {
  const none = { initContainers: [], volumes: [], volumeMounts: [] }
  for (const dataMounts of [
    undefined,
    [],
    [{ path: 'a', mountPath: '/a' }],
    [{ path: 'a', mountPath: '/a', waitForFiles: [] }]
  ]) {
    t.strictSame(waitParts(jobWith(dataMounts === undefined ? {} : { dataMounts }), data), none)
  }
})

/**
 * The step as it would run in the pod, with its message in a file of the test. Its `sleep` takes no time and runs
 * `meanwhile`.
 */
async function run (t: Test, waitSeconds: number, files: string[], meanwhile: string) {
  const folder = t.testdir({
    data: { early: '' },
    bin: { sleep: `#!/bin/sh\necho "$1" >> "${t.testdirName}/slept"\n${meanwhile}\n` }
  })
  const [data, bin, told, slept] = ['data', 'bin', 'told', 'slept'].map(name => join(folder, name)) as [
    string,
    string,
    string,
    string
  ]
  chmodSync(join(bin, 'sleep'), 0o755)
  const words = stepOf([{ path: 'a', mountPath: data, waitForFiles: files }], { waitSeconds })!.command!.map(word =>
    expand(word, {}).replace('/dev/termination-log', told)
  )
  const { code = 0 } = await promisify(execFile)(words[0]!, words.slice(1), {
    cwd: data,
    env: { PATH: `${bin}:${process.env.PATH}` }
  }).then(
    () => ({ code: 0 }),
    error => error as { code: number }
  )
  return {
    data,
    code,
    told: existsSync(told) ? readFileSync(told, 'utf8') : undefined,
    slept: existsSync(slept) ? readFileSync(slept, 'utf8') : ''
  }
}

t.test('the step ends at once when all files exist', async t => {
  t.match(await run(t, 60, ['early', 'early'], ''), { code: 0, told: undefined, slept: '' })
})

t.test('the step ends when the missing files have appeared', async t => {
  t.match(
    await run(
      t,
      60,
      ['late one', 'early', 'late two'],
      'if [ -e "late one" ]; then touch "late two"; else touch "late one"; fi'
    ),
    { code: 0, told: undefined, slept: '1\n1\n' }
  )
})

t.test('the step fails at its deadline, and names the missing file', async t => {
  const { data, ...ended } = await run(t, 3, ['early', 'never', 'nor this'], '')
  t.strictSame(ended, { code: 1, told: join(data, 'never'), slept: '1\n1\n1\n' })
})

t.test('the description of the wait names its first files', async t => {
  t.equal(
    waitingForFiles([
      { path: 'a', mountPath: '/a', waitForFiles: ['x'] },
      { path: 'b', mountPath: '/b' }
    ]),
    'The job waits until this file is in its data: /a/x.'
  )
  t.equal(
    waitingForFiles([
      { path: 'a', mountPath: '/a/', waitForFiles: ['x', 'y'] },
      { path: 'b', mountPath: '/b', waitForFiles: ['1', '2', '3'] }
    ]),
    'The job waits until these files are in its data: /a/x, /a/y, /b/1 and 2 more.'
  )
})
