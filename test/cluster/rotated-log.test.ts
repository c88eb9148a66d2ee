// The output of programs that write faster than their log is read, while the kubelet rotates it.

import t from 'tap'
import { kill, start, untilReady } from '../e2e/launcher-process.ts'
import type { KubeObject } from '../../plugins/kubernetes/client/watch.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

const LINES = 3_000_000
const container = { image: 'localhost/busybox:1' }

t.test('output while the node rotates the log', { skip: noCluster, timeout: 900_000 }, async t => {
  const cluster = await testCluster(t)
  const here = placeOn(t, cluster, await onlyTheRole(t, cluster))
  const running = await start(t, here)
  await untilReady(here.client, true)
  const submit = (command: string) =>
    here.client.submit({ name: 'rotated', command, container, cluster: 'Kubernetes' })
  const firstOutput = async (id: string): Promise<void> => {
    const output = here.client.output(id, { stream: 'stdout', follow: true })
    await output.next()
    await output.return()
  }

  await t.test('all lines are kept of programs that write faster than their log is read', async t => {
    const jobs = await Promise.all([1, 2].map(() => submit(`seq 1 ${LINES}`)))
    for (const { id } of jobs) {
      const { status, outputTruncated } = await here.client.ended(id)
      t.equal(status, 'Finished')
      let first: number | undefined
      let next = 1
      let rest = ''
      for await (const piece of here.client.output(id, { stream: 'stdout', follow: false })) {
        const lines = (rest + Buffer.from(piece).toString()).split('\n')
        rest = lines.pop()!
        if (lines.length > 0) first ??= next = Number(lines[0])
        for (const line of lines) if (Number(line) === next) next += 1
      }
      t.equal(next - 1, LINES)
      // A slow machine may open the log after the node has replaced its first file.
      t.equal(outputTruncated?.reason, first === 1 ? undefined : 'LogStartLost', `from line ${first}`)
    }
  })

  await t.test('nothing is missing from the output of a job that is stopped or killed', async t => {
    const jobs = await Promise.all([1, 2, 3, 4].map(() => submit('echo started; exec sleep 600')))
    await Promise.all(jobs.map(async ({ id }, index) => {
      await firstOutput(id)
      await here.client.control(id, index % 2 === 0 ? 'kill' : 'stop')
      const { outputTruncated } = await here.client.ended(id)
      t.equal(outputTruncated, undefined)
    }))
  })

  await t.test('no text of the node gets into the output of programs that are ended while they write', async t => {
    const path = `/api/v1/namespaces/${cluster.namespace}/pods`
    const ends: ReadonlyArray<(id: string) => Promise<unknown>> = [
      id => here.client.control(id, 'kill'),
      async id => {
        const query = { labelSelector: `batch.kubernetes.io/job-name=job-${id}` }
        const { items } = await cluster.client.call<{ items: KubeObject[] }>({ method: 'GET', path, query })
        const body = { gracePeriodSeconds: 0 }
        await cluster.client.call({ method: 'DELETE', path: `${path}/${items[0]!.metadata!.name}`, body })
      }
    ]
    for (const [index, end] of ends.entries()) {
      const { id } = await submit('exec seq 1 30000000')
      await firstOutput(id)
      await new Promise(resolve => setTimeout(resolve, 1500))
      await end(id)
      const { outputTruncated } = await here.client.ended(id)
      let next = 1
      let rest = ''
      let strange: string | undefined
      let gap: string | undefined
      for await (const piece of here.client.output(id, { stream: 'stdout', follow: false })) {
        const lines = (rest + Buffer.from(piece).toString()).split('\n')
        rest = lines.pop()!
        for (const line of lines) {
          if (Number(line) === next++) continue
          if (/^\d+$/.test(line) && Number(line) >= next) gap ??= `${line} follows ${next - 2}`
          else strange ??= `${line} follows ${next - 2}`
          next = Number(line) + 1
        }
      }
      t.equal(strange, undefined, `end ${index}: every line is the program's (${outputTruncated?.reason})`)
      if (outputTruncated === undefined) t.equal(gap, undefined, `end ${index}: a gap is marked on the job`)
      t.ok(String(next).startsWith(rest), `the last line is a part of ${next}: ${rest.slice(0, 300)}`)
    }
  })

  await t.test('a job says so if its log was rotated while no launcher ran', async t => {
    const { id } = await submit(
      `seq 1 1000; sleep 5; seq 1 ${LINES / 3}; sleep 15; echo last; sleep 600`
    )
    await firstOutput(id)
    await kill(running)
    // Time for the program to write more than a file, and for the kubelet to rotate it.
    await new Promise(resolve => setTimeout(resolve, 45_000))
    await start(t, here)
    for await (const job of here.client.events({ id })) {
      if (job.outputTruncated === undefined) continue
      t.match(job, { status: 'Running', outputTruncated: { reason: 'LogRotated' } })
      break
    }
    await here.client.control(id, 'kill')
    t.match(await here.client.ended(id), { status: 'Killed', outputTruncated: { reason: 'LogRotated' } })
  })
})
