import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import type { Finding } from '../../launcher/plugin.ts'
import { kubernetesConfigOf } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { checkProcessLogs } from '../../plugins/kubernetes/doctor/process-logs.ts'
import { collect } from '../fixtures/collect.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { IMAGE } from './busybox.ts'
import { makeClaim } from './claim.ts'
import { noCluster, testCluster, type TestCluster } from './cluster.ts'

async function folderOf (t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doc-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function found (
  { client, namespace }: TestCluster, keys: Partial<KubernetesKeys>, more: { image?: string, signal?: AbortSignal } = {}
): Promise<Finding & { count: number }> {
  const { image = IMAGE, signal } = more
  const config = kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, keptRules)
  const findings = await collect(checkProcessLogs({
    client, namespace, config, link: '/none', image, signal
  }))
  return { ...findings.at(-1)!, count: findings.length }
}

async function jobsIn ({ client, namespace }: TestCluster): Promise<number> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  return (await client.call<{ items: unknown[] }>({ method: 'GET', path })).items.length
}

t.test('doctor on process logs in the data', { skip: noCluster, timeout: 120_000 }, async t => {
  const cluster = await testCluster(t)

  t.test('a folder that launcher and pods share is ok, and nothing is left of the check', async t => {
    const data = await folderOf(t)
    for (const output of ['auto', 'data'] as const) {
      t.match(await found(cluster, { output, 'data-dir': data }), {
        check: 'process-logs',
        state: 'ok',
        message: new RegExp(`^The launcher and a pod on the node \\S+ share ${data}/process-logs .output = ${output}`)
      })
    }
    t.strictSame(await readdir(data), [])
    t.equal(await jobsIn(cluster), 0)
  })

  t.test('a folder of process logs that exists is kept', async t => {
    const data = await folderOf(t)
    await mkdir(join(data, 'logs', 'of-a-job'), { recursive: true })
    t.match(await found(cluster, { 'data-dir': data, 'log-dir': 'logs' }), { state: 'ok' })
    t.strictSame(await readdir(join(data, 'logs')), ['of-a-job'])
  })

  t.test('a pod that sees another folder is missing, in either mode', async t => {
    const [launcher, pods] = [await folderOf(t), await folderOf(t)]
    await makeClaim(t, cluster, 'other-data', pods)
    for (const output of ['auto', 'data'] as const) {
      t.match(
        await found(cluster, { output, 'data-dir-pvc-name': 'other-data', 'data-dir-path': launcher }),
        {
          state: 'missing',
          message: /A pod on the node \S+ does not see what the launcher wrote .* in the claim other-data\. Jobs fail/,
          help: /Launcher\.DataDirPath\) must lead to the same folder/
        }
      )
    }
    t.strictSame(await readdir(launcher), [])
    t.equal(await jobsIn(cluster), 0)
  })

  t.test('data that the launcher cannot use are missing in data and a warning in auto', async t => {
    const data = await folderOf(t)
    await symlink('/tmp', join(data, 'link'))
    for (const [keys, message] of [
      [{ 'data-dir': '/none' }, /^The data \/none does not exist on this machine\./],
      [{ 'data-dir': data, 'log-dir': 'link' }, /must not be reached by a symbolic link/]
    ] as const) {
      t.match(await found(cluster, { ...keys, output: 'data' }), { state: 'missing', message, help: /set output/ })
      t.match(await found(cluster, { ...keys, output: 'auto' }), {
        state: 'warning', message: /goes to the logs of the nodes \(output = auto\)\.$/, count: 1
      })
    }
    t.equal(await jobsIn(cluster), 0)
  })

  t.test('an image that cannot be pulled leaves the pod unchecked', async t => {
    const data = await folderOf(t)
    t.match(await found(cluster, { 'data-dir': data }, { image: 'localhost/none:1' }), {
      state: 'skipped',
      message: /^The launcher can write to .*\. Whether pods see it was not checked: .* within 12 s\. .*image/,
      help: /--image/
    })
    t.strictSame(await readdir(data), [])
    t.equal(await jobsIn(cluster), 0)
  })

  t.test('an interrupted check removes its Job and its folder at once', async t => {
    const data = await folderOf(t)
    const signal = AbortSignal.timeout(300)
    t.match(await found(cluster, { 'data-dir': data }, { signal, image: 'localhost/none:1' }), { state: 'skipped' })
    t.strictSame(await readdir(data), [])
    t.equal(await jobsIn(cluster), 0)
  })
})
