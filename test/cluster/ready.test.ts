// Jobs whose ports say when they are ready, on a real cluster. The launcher has exactly the Role of conf-templates.

import { setTimeout } from 'node:timers/promises'
import type { V1EndpointSlice } from '@kubernetes/client-node'
import t from 'tap'
import { collect } from '../fixtures/collect.ts'
import { kill, start } from '../e2e/launcher-process.ts'
import { program } from './busybox.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

/** Serves the files of /tmp/www, which has one after so many seconds. */
const serve = (seconds: number) =>
  'mkdir /tmp/www; httpd -f -p $JOB_PORT -h /tmp/www & ' + `sleep ${seconds}; echo ok > /tmp/www/up; wait`
/** Runs the command for each connection. */
const answer = (command: string) =>
  `printf '#!/bin/sh\\n${command}' > /tmp/answer; chmod +x /tmp/answer; nc -ll -p $JOB_PORT -e /tmp/answer`
const more = { cluster: 'Kubernetes', stopGraceSeconds: 0 }

t.test('ports that say when they are ready, on a real cluster', { skip: noCluster, timeout: 300_000 }, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
  const { client } = here
  let launcher = await start(t, here)

  /** The addresses that the Service of the job leads to now. */
  async function endpointsOf (id: string): Promise<string[]> {
    const { items } = await cluster.client.call<{ items: V1EndpointSlice[] }>({
      method: 'GET',
      path: `/apis/discovery.k8s.io/v1/namespaces/${cluster.namespace}/endpointslices`,
      query: { labelSelector: `kubernetes.io/service-name=job-${id}` }
    })
    return items.flatMap(({ endpoints }) => endpoints ?? [])
      .flatMap(({ addresses, conditions }) => conditions?.ready === true ? addresses : [])
  }

  await t.test('a job is ready when its node has a reply, and its Service leads to it then', async t => {
    const exposedPorts = [{ targetPort: 8080 }, { ready: { httpPath: '/up' } }]
    const command = serve(5).replace('$JOB_PORT', '$JOB_PORT_1')
    const { id } = await client.submit(program(command, { ...more, exposedPorts }))
    const shown = []
    for await (const job of client.events({ id })) {
      shown.push(job)
      if (job.network !== undefined) break
    }
    const { network } = shown.at(-1)!
    t.match(shown.at(-1), { status: 'Running', readyTime: undefined })
    t.same(network, await client.network(id), 'the addresses are known once it runs')
    t.equal(network!.service, `job-${id}.${cluster.namespace}.svc`)
    t.strictSame(await endpointsOf(id), [])
    const ready = await client.ready(id)
    t.match(ready, { status: 'Running', reason: undefined, network })
    t.ok(Date.parse(ready.readyTime!) - Date.parse(ready.startTime!) >= 4000)
    while ((await endpointsOf(id)).length === 0) await setTimeout(100)
    t.strictSame(await endpointsOf(id), network!.addresses.slice(0, 1))
    await client.control(id, 'kill')
    t.match(await client.ended(id), { readyTime: ready.readyTime, network: undefined })
  })

  await t.test('a job that is late has a reason, and one that says nothing is in its Service at once', async t => {
    const late = await client.submit(program('sleep 300', {
      ...more, exposedPorts: [{ ready: { tcp: true, timeoutSeconds: 4 } }]
    }))
    const silent = await client.submit(program('sleep 300', { ...more, exposedPorts: [{}] }))
    t.match(await client.ready(late.id), {
      status: 'Running',
      readyTime: undefined,
      reason: 'NotReady',
      message: /^The program was not ready 4 s after its start \(exposedPorts\[0\]\.ready\): nothing listens on port /
    })
    t.match(await client.ready(silent.id), { status: 'Running', readyTime: undefined, reason: undefined })
    while ((await endpointsOf(silent.id)).length === 0) await setTimeout(100)
    t.strictSame(await endpointsOf(late.id), [])
    t.match(await collect(client.list({ reason: ['NotReady'] })), [{ id: late.id }])
    for (const { id } of [late, silent]) await client.control(id, 'kill')
  })

  for (const [what, command, ready, problem] of [
    [
      'answers with another status', serve(100), { httpPath: '/none' },
      /: GET \/none on port \d+ was answered with 404 \(the node: HTTP probe failed with statuscode: 404\)\. It runs on/
    ],
    [
      'listens on 127.0.0.1 alone', 'httpd -f -p 127.0.0.1:$JOB_PORT', { tcp: true },
      /: nothing listens on port \d+ at [\d.]+, the address of the pod; a program .* on 127\.0\.0\.1 only .*refused\)\. It/
    ],
    [
      'accepts connections and says nothing', answer('sleep 100'), { httpPath: '/' },
      /: port \d+ did not answer within 5 s \(the node: Get "http.* deadline exceeded .*\)\. It runs on/
    ],
    [
      'speaks no HTTP', answer('echo hello'), { httpPath: '/' },
      /: port \d+ gave no HTTP reply to GET \/ \(the node: Get "http.*\)\. It runs on/
    ]
  ] as const) {
    await t.test(`a late program that ${what} has that as its cause`, { timeout: 60_000 }, async t => {
      const exposedPorts = [{ ready: { ...ready, timeoutSeconds: 8 } }]
      const { id } = await client.submit(program(command, { ...more, exposedPorts }))
      for await (const { reason, message } of client.events({ id })) {
        // The first look at the events may come before the node has written them.
        if (reason === 'NotReady' && problem.test(message ?? '')) break
      }
      t.match(await client.get(id), { status: 'Running', reason: 'NotReady', message: problem })
      await client.control(id, 'kill')
    })
  }

  await t.test('a second port with ready is refused', async t => {
    const refused = await client.explain(program('true', {
      ...more, exposedPorts: [{ ready: { tcp: true } }, { ready: { tcp: true } }]
    }))
    t.match(refused, { accepted: false, refusals: [{ code: 'NotSupportedByCluster', field: 'exposedPorts[1].ready' }] })
  })

  await t.test('a job that became ready without a launcher is seen by the next one', async t => {
    const { id } = await client.submit(program(serve(5), { ...more, exposedPorts: [{ ready: { httpPath: '/up' } }] }))
    for await (const { network } of client.events({ id })) if (network !== undefined) break
    const before = await client.get(id)
    t.equal(before.readyTime, undefined)
    await kill(launcher)
    await setTimeout(8000)
    const startedAt = Date.now()
    launcher = await start(t, here)
    const ready = await client.ready(id)
    t.ok(Date.parse(ready.readyTime!) < startedAt, 'the time is that of the cluster')
    t.same(ready.network, before.network)
    await client.control(id, 'kill')
  })
})
