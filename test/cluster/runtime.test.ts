// The host's runtime components in the pods of jobs, on a real cluster. The plugin acts as a user with exactly the Role
// of conf-templates.

import t, { type Test } from 'tap'
import type { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { IMAGE, program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { driverOn } from './plugin-driver.ts'

t.test('runtime components', { skip: noCluster, timeout: 300_000 }, async t => {
  t.jobs = 3
  const cluster = await testCluster(t)
  const kubeconfig = await onlyTheRole(t, cluster)
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 120_000 }, work)

  const driverOf = (t: Test, keys: Partial<KubernetesKeys>) =>
    driverOn(t, cluster, kubeconfig, {
      'runtime-init-image': 'localhost/runtime',
      'runtime-mount-path': '/opt/host/runtime',
      ...keys
    })

  show('a program can read and run the runtime components, and cannot change them', async t => {
    const driver = await driverOf(t, { 'host-version': '1' })
    const job = await driver.submit(
      program('/opt/host/runtime/bin/greet you; touch /opt/host/runtime/x 2> /dev/null || echo read-only', {
        container: { image: IMAGE, runAsUserId: 1234 },
        resourceLimits: [{ type: 'memory', value: 64 }]
      })
    )
    t.match((await driver.untilEnded(job)).outcome, { status: 'Finished', exitCode: 0 })
    t.equal(String(await driver.read(job)), 'the runtime /opt/host/runtime greets you\nread-only\n')
  })

  show('a runtime image of another version prevents the start', async t => {
    await t.rejects(driverOf(t, { 'runtime-init-image': 'localhost/runtime:1', 'host-version': '2' }), {
      code: 'ConfInvalid',
      message: /^runtime-init-image has the tag 1, and the host has the version 2/
    })
  })

  show('a job whose runtime image cannot be pulled waits with ImagePullBackOff', async t => {
    const driver = await driverOf(t, { 'host-version': 'absent' })
    const job = await driver.submit(program('true'))
    t.match(await driver.untilSeen(job, seen => 'reason' in seen && seen.reason === 'ImagePullBackOff'), {
      message: /localhost\/runtime:absent/
    })
  })
})
