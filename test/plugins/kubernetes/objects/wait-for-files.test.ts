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
const containerOf = (dataMounts: DataMount[], changes = {}) =>
  waitParts(jobWith({ dataMounts, ...changes }), { ...data, ...changes }).initContainers[0]

t.test('the init container mounts only the folders of the files, read-only', async t => {
  const container = containerOf(
    [
      { path: 'apps/12', mountPath: '/app', waitForFiles: ['app.R', '$HOME/x y'] },
      { path: 'shared', mountPath: '/s' },
      { path: 'b', mountPath: '/b', waitForFiles: ['c'] }
    ],
    { resourceLimits: [{ type: 'memory', value: 5 }] }
  )!
  t.match(container, {
    name: 'wait-for-files',
    image: 'registry.example/report:1',
    resources: { limits: { memory: '5M' } }
  })
  t.strictSame(container.volumeMounts, [
    { name: 'host-data', mountPath: '/app', subPath: 'site/apps/12', readOnly: true },
    { name: 'host-data', mountPath: '/b', subPath: 'site/b', readOnly: true }
  ])
  t.strictSame(
    container.command?.slice(4).map(word => expand(word, {})),
    ['sh', '300', '/app/app.R', '/app/$HOME/x y', '/b/c']
  )
})

t.test('a job that waits for no files has no init container', async t => {
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
 * Runs the script of the init container, with its termination message in a file of the test. Its `sleep` returns at
 * once and runs `meanwhile`.
 */
async function run (t: Test, waitSeconds: number, files: string[], meanwhile: string) {
  const folder = t.testdir({
    data: { early: '' },
    bin: { sleep: `#!/bin/sh\necho "$1" >> "${t.testdirName}/slept"\n${meanwhile}\n` }
  })
  const [data, bin, message, slept] = ['data', 'bin', 'message', 'slept'].map(name => join(folder, name)) as [
    string,
    string,
    string,
    string
  ]
  chmodSync(join(bin, 'sleep'), 0o755)
  const { command } = containerOf([{ path: 'a', mountPath: data, waitForFiles: files }], { waitSeconds })!
  const words = command!.map(word => expand(word, {}).replace('/dev/termination-log', message))
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
    message: existsSync(message) ? readFileSync(message, 'utf8') : undefined,
    slept: existsSync(slept) ? readFileSync(slept, 'utf8') : ''
  }
}

t.test('the init container ends at once if all files exist', async t => {
  t.match(await run(t, 60, ['early', 'early'], ''), { code: 0, message: undefined, slept: '' })
})

t.test('the init container ends when the missing files have appeared', async t => {
  t.match(
    await run(
      t,
      60,
      ['late one', 'early', 'late two'],
      'if [ -e "late one" ]; then touch "late two"; else touch "late one"; fi'
    ),
    { code: 0, message: undefined, slept: '1\n1\n' }
  )
})

t.test('the init container fails at its deadline, and names the missing file', async t => {
  const { data, ...ended } = await run(t, 3, ['early', 'never', 'nor this'], '')
  t.strictSame(ended, { code: 1, message: join(data, 'never'), slept: '1\n1\n1\n' })
})

t.test('the message of a waiting job names the first files', async t => {
  t.equal(
    waitingForFiles([
      { path: 'a', mountPath: '/a', waitForFiles: ['x'] },
      { path: 'b', mountPath: '/b' }
    ]),
    'The job waits for this file to appear in its data: /a/x.'
  )
  t.equal(
    waitingForFiles([
      { path: 'a', mountPath: '/a/', waitForFiles: ['x', 'y'] },
      { path: 'b', mountPath: '/b', waitForFiles: ['1', '2', '3'] }
    ]),
    'The job waits for these files to appear in its data: /a/x, /a/y, /b/1 and 2 more.'
  )
})
