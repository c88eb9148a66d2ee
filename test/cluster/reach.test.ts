// A job reaches only what its user's profile allows, on a real cluster. The launcher acts as a user with exactly the
// Role of conf-templates.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { V1Pod } from '@kubernetes/client-node'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { objectName } from '../../plugins/kubernetes/metadata/names.ts'
import { start, untilReady, type Place } from '../e2e/launcher-process.ts'
import { program } from './busybox.ts'
import { mountOf } from '../fixtures/sample-submission.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const SECRET = 'what-only-ann-may-read'
const PRIVILEGED = `
apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      serviceAccountName: default
      automountServiceAccountToken: true
`
const PROFILES = `
[*]
mount-types = secret, passthrough
[bob]
base-tags = privileged
`
const TOKEN = 'ls /var/run/secrets/kubernetes.io/serviceaccount/token 2> /dev/null || echo no token'

async function outputOf ({ client }: Place, submission: JobSubmission): Promise<string> {
  const { id } = await client.submit({ cluster: 'Kubernetes', ...submission })
  await client.ended(id)
  const pieces = []
  for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

t.test('the reach of jobs', { skip: noCluster, timeout: 300_000 }, async t => {
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const folder = mkdtempSync(join(tmpdir(), 'jl-reach-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'profiles.conf'), PROFILES)
  writeFileSync(join(folder, 'privileged.yaml'), PRIVILEGED)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), {
    Local: 'false',
    KubernetesProfilesConfig: join(folder, 'profiles.conf'),
    TagJobBase: `privileged=${join(folder, 'privileged.yaml')}`
  })
  await start(t, here)
  await untilReady(here.client, true)
  const show = (name: string, work: (t: Test) => Promise<unknown>) => t.test(name, { timeout: 120_000 }, work)

  async function refused (t: Test, submission: Partial<JobSubmission>, code: string, message: string): Promise<void> {
    const whole = program('cat /m/*', { cluster: 'Kubernetes', ...submission })
    await t.rejects(here.client.submit(whole), { code, message: new RegExp(message) })
  }

  await show("no mount reads the Secret of another user's job, although the profile allows Secrets", async t => {
    const ofAnn = await here.client.submit(
      program('sleep 1000', { cluster: 'Kubernetes', user: 'ann', secrets: [{ name: 'PASSWORD', value: SECRET }] })
    )
    for await (const { status } of here.client.events({ id: ofAnn.id })) if (status === 'Running') break
    const name = objectName(ofAnn.id)
    const made = await client.call<{ data: Record<string, string> }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/secrets/${name}`
    })
    t.equal(Buffer.from(made.data['secret-0']!, 'base64').toString(), SECRET, 'it is there to be read')
    for (const mounts of [
      mountOf('secret', { secretName: name }),
      mountOf('passthrough', { secret: { secretName: name } }),
      mountOf('passthrough', { projected: { sources: [{ secret: { name } }] } })
    ]) {
      await refused(t, { user: 'mallory', ...mounts }, 'InvalidJob', `is ${name}, the name of an object`)
    }
    await here.client.control(ofAnn.id, 'kill')
  })

  await show('a Secret of the operator that the profile allows can be read', async t => {
    await client.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      body: { metadata: { name: 'of-the-operator' }, stringData: { key: 'for all\n' } }
    })
    const mounts = mountOf('secret', { secretName: 'of-the-operator' })
    t.equal(await outputOf(here, program('cat /m/key', { user: 'mallory', ...mounts })), 'for all\n')
  })

  await show('no job gets a token of its pod', async t => {
    const token = mountOf('passthrough', { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } })
    await refused(t, token, 'InvalidJob', 'serviceAccountToken cannot be mounted')
    t.equal(await outputOf(here, program(TOKEN, mountOf('passthrough', { emptyDir: {} }))), 'no token\n')
  })

  await show('only a user whose profile allows the tag gets what its base Job gives', async t => {
    const tagged = { tags: ['privileged', 'free'] }
    await refused(t, { user: 'mallory', ...tagged }, 'NotAllowedByProfile', 'The tag privileged chooses a base Job')
    t.match(await outputOf(here, program(TOKEN, { user: 'bob', ...tagged })), '/serviceaccount/token\n')
    t.equal(await outputOf(here, program(TOKEN, { user: 'mallory', tags: ['free'] })), 'no token\n')
  })

  await show('a job without a profile for it names no node and publishes no port', async t => {
    const { items } = await client.call<{ items: V1Pod[] }>({ method: 'GET', path: '/api/v1/nodes' })
    const host = items[0]!.metadata!.name!
    await refused(t, { host }, 'NotAllowedByProfile', `The job names the host ${host}`)
    await refused(t, { exposedPorts: [{ publishedPort: 22 }] }, 'NotAllowedByProfile', 'publishes the port 22')
  })
})
