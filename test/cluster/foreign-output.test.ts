// Two launchers of one installation in one namespace: each reads the output of the other's jobs in the host's data.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'
import type { JobSubmission } from '../../launcher/client/client.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { place, start, untilReady } from '../e2e/launcher-process.ts'
import { program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'

interface Asked {
  readonly user?: string
  readonly query?: Record<string, string>
  readonly events?: boolean
}

t.test('output of jobs of another launcher of the installation', { skip: noCluster, timeout: 300_000 }, async t => {
  const { kubeconfig, namespace, client: kube } = await testCluster(t)
  const outside = mkdtempSync(join(tmpdir(), 'jl-foreign-'))
  t.teardown(() => rmSync(outside, { recursive: true, force: true }))
  chmodSync(outside, 0o755)
  const data = join(outside, 'data')
  mkdirSync(join(data, 'apps'), { recursive: true })

  async function launcher (t: Test, more: Record<string, string> = {}) {
    const here = place(t, {
      Local: 'false',
      Kubernetes: 'true',
      Kubeconfig: kubeconfig,
      KubernetesNamespace: namespace,
      DataDir: data,
      Installation: 'north',
      ...more
    })
    await start(t, here)
    await untilReady(here.client, true)
    const dispatcher = new Agent({ connect: { socketPath: here.socket } })
    t.teardown(() => dispatcher.close())
    const ask = async (id: string, { user, query = {}, events = false }: Asked = {}) => {
      const url = new URL(`http://launcher/v1/jobs/${id}/output`)
      for (const [name, value] of Object.entries({ scope: 'installation', ...query })) url.searchParams.set(name, value)
      const headers = {
        ...(user !== undefined && { 'x-launcher-user': user }),
        ...(events && { accept: 'text/event-stream' })
      }
      const { statusCode, body } = await request(url, { dispatcher, headers })
      return { status: statusCode, text: await body.text() }
    }
    const ended = async (job: JobSubmission): Promise<string> => {
      const { id } = await here.client.submit(job)
      await here.client.ended(id)
      return id
    }
    return { ...here, ask, ended }
  }

  const [one, other] = await Promise.all([launcher(t), launcher(t)])

  await t.test('is read whole after the job has ended, each stream with its offsets', async t => {
    const id = await one.ended(program('echo out; echo err >&2; exit 3'))
    t.strictSame(await other.ask(id, { query: { stream: 'stdout' } }), { status: 200, text: 'out\n' })
    t.strictSame(await other.ask(id, { query: { stream: 'stderr', from: '1' } }), { status: 200, text: 'rr\n' })
    t.match(await other.ask(id, { query: { stream: 'stdout', from: '5' } }), {
      status: 416,
      text: /OutputOffsetPastEnd.*which has 4 bytes/
    })
    const { text } = await other.ask(id, { events: true, query: { follow: 'true' } })
    const end = '{"status":"Finished","outcome":"failed","exitCode":3,"reason":"Exited"}'
    t.ok(text.endsWith(`event: end\nid: end\ndata: ${end}\n\n`), text)
  })

  await t.test('is followed while the job runs, until it has ended', async t => {
    const { id } = await one.client.submit(program(`echo first; ${UNTIL_STOPPED}`))
    for await (const job of one.client.events({ id })) if (job.status === 'Running') break
    const following = other.ask(id, { events: true, query: { follow: 'true' } })
    for await (const chunk of one.client.output(id, { stream: 'stdout', follow: true })) if (chunk.length > 0) break
    await one.client.control(id, 'stop')
    const { text } = await following
    t.match(text, /"text":"first\\n/)
    t.match(text, /event: end\nid: end\ndata: \{"status":"(Killed|Finished)"/)
  })

  await t.test('is not read without the scope, by another user, or from another installation', async t => {
    const id = await one.ended({ ...program('echo secret'), user: 'anna' })
    t.match(await other.ask(id, { query: { scope: 'instance' } }), { status: 404, text: /JobNotFound/ })
    t.match(await other.ask(id, { user: 'berta' }), { status: 404, text: /JobNotFound/ })
    t.strictSame(await other.ask(id, { user: 'anna' }), { status: 200, text: 'secret\n' })
    const south = await launcher(t, { Installation: 'south' })
    t.match(await south.ask(id), { status: 404, text: /JobNotFound/ })
    t.match(await other.ask('3'.repeat(26)), { status: 404, text: /JobNotFound/ })
  })

  await t.test('in the logs of a node is refused, with the launcher that has it', async t => {
    const id = await one.ended(program('echo node', { container: { image: 'localhost/busybox:1', output: 'node' } }))
    t.match(await other.ask(id), { status: 422, text: /NotSupportedByCluster.*logs of its node.*Ask the host/ })
  })

  await t.test('is not read from a folder that someone wrote into the Job', async t => {
    const id = await one.ended(program('echo mine'))
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs/job-${id}`
    await kube.call({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { 'job-launcher/process-logs': `../data/apps/${id}-${'0'.repeat(32)}` } } }
    })
    t.match(await other.ask(id), { status: 422 })
    t.ok(existsSync(data))
    await one.client.remove(id)
    t.ok(existsSync(join(data, 'apps')), 'removing the job removes nothing else')
  })
})
