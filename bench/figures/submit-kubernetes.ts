// Jobs accepted over the socket, stored and created in Kubernetes, compared with a bare keep-alive client that posts
// the same objects, and with a loop over the stock client.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { BatchV1Api, KubeConfig, type V1Job } from '@kubernetes/client-node'
import { Agent, request } from 'undici'
import { LABEL } from '../../plugins/kubernetes/metadata/labels.ts'
import type { Figure, Measurement } from '../figure.ts'
import { hollowCluster, type HollowCluster } from '../hollow-cluster.ts'
import { jobEnds } from '../job-ends.ts'
import { benchLauncher, onKubernetes } from '../launcher.ts'
import { byTurns, perSecond, QUICK_ROUNDS, ROUNDS } from '../rounds.ts'
import { exponentOf, shown, type Spread } from '../statistics.ts'

const SUBMISSION = { name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } }
const IN_FLIGHT = [1, 16, 64] as const
/** Parts of the bare client's rate. The stock client must stay behind at each. */
const TARGETS: Readonly<Record<number, number>> = { 1: 0.8, 16: 0.7, 64: 0.6 }
const TIMES = 300
/** Slow contenders get fewer jobs. */
const FEW = 100
/** Sizes of the bursts that measure the growth. */
const BURSTS = [200, 800, 3200] as const
const BURST_ROUNDS = 3

export const submitKubernetes: Figure = {
  name: 'submit-kubernetes',
  about: 'jobs accepted, stored and created in Kubernetes, against a bare keep-alive client and the stock client',
  async measure ({ progress, profile, quick }) {
    const cluster = await hollowCluster()
    const launcher = await benchLauncher({ settings: onKubernetes(cluster), profile })
    const created = jobEnds(launcher.client, ({ message }) => message !== undefined)

    async function job (): Promise<void> {
      const { id } = await launcher.client.submit(SUBMISSION)
      await created.of(id)
    }

    const measurements: Measurement[] = []
    try {
      await job()
      const rivals = await rivalsOn(cluster)
      for (const inFlight of quick ? [16] : IN_FLIGHT) {
        const rates = await byTurns({
          launcher: () => perSecond(job, { times: inFlight === 1 ? FEW : TIMES, inFlight }),
          bare: () => perSecond(rivals.bare, { times: inFlight === 1 ? FEW : TIMES, inFlight }),
          stock: () => perSecond(rivals.stock, { times: FEW, inFlight })
        }, quick ? QUICK_ROUNDS : ROUNDS)
        measurements.push(...against(inFlight, rates))
        progress(measurements.slice(-2).map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', '))
      }
      if (!quick) {
        const rates = await byTurns(
          Object.fromEntries(BURSTS.map(times => [times, () => perSecond(job, { times, inFlight: 64 })])),
          BURST_ROUNDS
        )
        const seconds = BURSTS.map(times => [times, times / rates[times]!.median] as const)
        measurements.push({
          name: 'submit-kubernetes/growth',
          ratio: exponentOf(seconds),
          target: { max: 1.1 },
          detail: `exponent; ${seconds.map(([times, took]) => `${times} jobs in ${took.toFixed(1)} s`).join(', ')}`
        })
      }
      await rivals.end()
      return measurements
    } finally {
      await created.stop()
      await launcher.end()
      await cluster.end()
    }
  }
}

function against (
  inFlight: number,
  { launcher, bare, stock }: Record<'launcher' | 'bare' | 'stock', Spread>
): Measurement[] {
  const own = `launcher ${shown(launcher)}/s`
  return [{
    name: `submit-kubernetes/${inFlight}/bare`,
    ratio: launcher.median / bare.median,
    target: { min: TARGETS[inFlight]! },
    detail: `${own}, bare client ${shown(bare)}/s`,
    rates: { launcher: launcher.median, 'bare client': bare.median, 'stock client': stock.median }
  }, {
    name: `submit-kubernetes/${inFlight}/stock`,
    ratio: launcher.median / stock.median,
    target: { min: 1 },
    detail: `${own}, stock client ${shown(stock)}/s`
  }]
}

/** Labels that the API server sets on the pods of a Job. It rejects a Job that has those of another. */
const SERVER_LABEL = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/

/** Creates the rivals, which post copies of a Job of the launcher under other names. */
async function rivalsOn ({
  client,
  kubeconfig,
  namespace
}: HollowCluster): Promise<{ bare(): Promise<void>; stock(): Promise<void>; end(): Promise<void> }> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const { items: [first] } = await client.call<{ items: V1Job[] }>({ method: 'GET', path, query: { limit: 1 } })
  const { selector: _selector, template, ...spec } = first!.spec!
  const { annotations } = first!.metadata!
  const labels = Object.fromEntries(
    Object.entries(template.metadata!.labels!).filter(([key]) => !SERVER_LABEL.test(key))
  )
  const body = (): V1Job => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `bench-${randomBytes(13).toString('hex')}`,
      namespace,
      labels: { ...labels, [LABEL.instance]: 'rival' },
      ...(annotations && { annotations })
    },
    spec: { ...spec, template: { ...template, metadata: { labels: { ...labels, [LABEL.instance]: 'rival' } } } }
  })

  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const stockApi = config.makeApiClient(BatchV1Api)
  const { server, caData, caFile } = config.getCurrentCluster()!
  const { token } = config.getCurrentUser()!
  const ca = caData === undefined ? await readFile(caFile!) : Buffer.from(caData, 'base64')
  const agent = new Agent({ connect: { ca }, connections: 32 })
  return {
    async bare () {
      const { statusCode, body: reply } = await request(`${server}${path}`, {
        method: 'POST',
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body())
      })
      const text = await reply.text()
      if (statusCode !== 201) throw new Error(text)
      JSON.parse(text)
    },
    async stock () { await stockApi.createNamespacedJob({ namespace, body: body() }) },
    end: () => agent.close()
  }
}
