// The host's data in the pods of jobs, on a real cluster whose node is this machine. The plugin acts as a user with
// exactly the Role of conf-templates.

import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { dataFolderOf } from '../../plugins/kubernetes/config/data-folder.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { objectsOf } from '../../plugins/kubernetes/manifests/job-objects.ts'
import { sampleJob } from '../fixtures/sample-job.ts'
import { program } from './busybox.ts'
import { makeClaim } from './claim.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { driverOn } from './plugin-driver.ts'

const CLAIM = 'host-data'

t.test("the host's data folder", { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 4
  const cluster = await testCluster(t)
  const kubeconfig = await onlyTheRole(t, cluster)
  const outside = mkdtempSync(join(tmpdir(), 'jl-data-'))
  t.teardown(() => rmSync(outside, { recursive: true, force: true }))
  const data = join(outside, 'data')
  for (const folder of ['apps/12', 'site/1/apps/12', 'site/1/late', 'late', 'shared']) {
    mkdirSync(join(data, folder), { recursive: true })
  }
  for (const site of ['', 'site/1']) {
    writeFileSync(join(data, site, 'apps/12/input'), `from ${site || 'the host'}\n`)
    symlinkSync(outside, join(data, site, 'out'))
    symlinkSync('12', join(data, site, 'apps/latest'))
  }
  await makeClaim(t, cluster, CLAIM, data)
  const places: Record<string, { keys: Partial<KubernetesKeys>, root: string }> = {
    'a folder of the node': { keys: { 'data-dir': data }, root: data },
    'a claim with a sub-path': {
      keys: { 'data-dir-pvc-name': CLAIM, 'data-dir-pvc-sub-path': 'site/1' },
      root: join(data, 'site/1')
    }
  }
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 120_000 }, work)

  const driverOf = (t: Test, keys: Partial<KubernetesKeys>) => driverOn(t, cluster, kubeconfig, keys)

  for (const [place, { keys, root }] of Object.entries(places)) {
    show(`a program reads and writes the folders that its job names, and no other: ${place}`, async t => {
      const driver = await driverOf(t, keys)
      const job = await driver.submit(
        program(
          'cat /app/input; echo made > /app/output; ls /app; touch /latest/x 2> /dev/null || echo read-only; ls -d ' +
          '/app/.. /app/../*12* 2> /dev/null',
          {
            dataMounts: [
              { path: 'apps/12', mountPath: '/app' },
              { path: 'apps/latest', mountPath: '/latest', readOnly: true }
            ]
          }
        )
      )
      await driver.untilEnded(job)
      t.equal(
        String(await driver.read(job)),
        `${readFileSync(join(root, 'apps/12/input'), 'utf8')}input\noutput\nread-only\n/app/..\n`
      )
      t.equal(readFileSync(join(root, 'apps/12/output'), 'utf8'), 'made\n')
    })

    show(`a program starts once the file that its job waits for exists: ${place}`, async t => {
      const driver = await driverOf(t, keys)
      const job = await driver.submit(
        program('cat /late/file', {
          dataMounts: [
            { path: 'late', mountPath: '/late', readOnly: true, waitForFiles: ['file'] },
            { path: 'apps/12', mountPath: '/app' }
          ]
        })
      )
      t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'DataNotReady'), {
        state: 'pending',
        message: 'The job waits for this file to appear in its data: /late/file.'
      })
      writeFileSync(join(root, 'late/file'), 'it came\n')
      t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
      t.equal(String(await driver.read(job)), 'it came\n')
    })
  }

  show('a job fails at its deadline if a file is missing, and the outcome names the file', async t => {
    const driver = await driverOf(t, { 'data-dir': data, 'data-deadline-seconds': 1 })
    const job = await driver.submit(
      program('true', { dataMounts: [{ path: 'shared', mountPath: '/s', waitForFiles: ['never $HOME'] }] })
    )
    t.match((await driver.untilEnded(job)).outcome, {
      status: 'Failed',
      reason: 'DataNotReady',
      message: /the file \/s\/never \$HOME: it is not in the data of the host/
    })
  })

  show('a link that leads outside is refused by the launcher if it sees the link, else by the kubelet', async t => {
    const dataMounts = [{ path: 'out', mountPath: '/out' }]
    const seeing = await driverOf(t, places['a folder of the node']!.keys)
    await t.rejects(seeing.prepare(program('ls /out', { dataMounts })), {
      code: 'DataPathNotAllowed',
      details: { field: 'dataMounts[0].path' }
    })
    const blind = await driverOf(t, places['a claim with a sub-path']!.keys)
    const job = await blind.submit(program('ls /out', { dataMounts }))
    t.match(await blind.untilSeen(job, seen => 'reason' in seen && seen.reason === 'CreateContainerConfigError'), {
      state: 'pending',
      message: /cannot be created, or a link leads out of its volume/
    })
  })

  show('the start of a job whose folder has become one of process logs, or a link to it, is refused', async t => {
    const { keys } = places['a folder of the node']!
    const before = await driverOf(t, { ...keys, 'log-dir': 'logs-before' })
    const after = await driverOf(t, { ...keys, 'log-dir': 'renamed/out' })
    mkdirSync(join(data, 'renamed'), { recursive: true })
    mkdirSync(join(data, 'linked/one'), { recursive: true })
    const prepare = async (path: string) =>
      await before.prepare(program('ls /m', { dataMounts: [{ path, mountPath: '/m' }] }))
    const jobs = [await prepare('renamed'), await prepare('linked/one')]
    rmdirSync(join(data, 'linked/one'))
    symlinkSync('../renamed', join(data, 'linked/one'))
    for (const job of jobs) await t.rejects(after.start(job), { code: 'DataPathNotAllowed' })
  })

  show('a folder that becomes a link to the process logs is not mounted if the launcher does not see it', async t => {
    const unseen = { 'log-dir': 'own-logs', 'data-dir-path': '/no/such/folder' }
    const driver = await driverOf(t, { ...places['a folder of the node']!.keys, ...unseen })
    for (const [folder, target] of [['swapped/one', '../own-logs'], ['swapped/all', '..']] as const) {
      mkdirSync(join(data, folder), { recursive: true })
      const job = await driver.prepare(program('ls /m', { dataMounts: [{ path: folder, mountPath: '/m' }] }))
      rmdirSync(join(data, folder))
      symlinkSync(target, join(data, folder))
      await driver.start(job)
      t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'CreateContainerConfigError'), {
        state: 'pending',
        message: /cannot be created, or a link leads out of its volume/
      })
      await driver.control(job, 'kill')
      await driver.untilEnded(job)
      t.equal(String(await driver.read(job)), '')
    }
  })

  show('a job waits for the first folder of its path, and gets the others when they are missing', async t => {
    const driver = await driverOf(t, places['a folder of the node']!.keys)
    const job = await driver.submit(
      program('ls -d /m', { dataMounts: [{ path: 'to-come/of/it', mountPath: '/m' }] })
    )
    t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'VolumeNotReady'), {
      state: 'pending',
      message: /to-come is not a directory/
    })
    mkdirSync(join(data, 'to-come'))
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), '/m\n')
  })

  show('the API server accepts a Job with data on an NFS server', async t => {
    const job = sampleJob({
      submission: program('true', { dataMounts: [{ path: 'apps/12', mountPath: '/app', waitForFiles: ['a'] }] })
    })
    const { job: built } = objectsOf(
      job,
      { bases: { Job: [], Service: [] } },
      {
        namespace: cluster.namespace,
        instance: 'c0ffee000000',
        expiryHours: 1,
        data: dataFolderOf({ 'data-dir': 'files.example:/export/host', 'data-dir-path': '/mnt' }, keptRules)!
      }
    )
    const accepted = await cluster.client.call<typeof built>({
      method: 'POST',
      path: `/apis/batch/v1/namespaces/${cluster.namespace}/jobs`,
      query: { dryRun: 'All' },
      body: built
    })
    const name = /^host-data-[0-9a-f]{12}$/
    t.match(accepted.spec?.template.spec, {
      volumes: [{ name, nfs: { server: 'files.example', path: '/export/host/apps' } }],
      initContainers: [{ name: 'wait-for-files', volumeMounts: [{ name, subPath: '12', readOnly: true }] }],
      containers: [{ volumeMounts: [{ name, mountPath: '/app', subPath: '12' }] }]
    })
  })
})
