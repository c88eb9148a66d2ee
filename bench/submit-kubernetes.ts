// Jobs a second that are accepted over the socket, stored and made in Kubernetes, against a bare keep-alive client that
// posts the same objects and against the loop of the stock client. By turns on a hollow cluster; medians are compared.

import { readFile, rm, mkdtemp, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { BatchV1Api, KubeConfig } from '@kubernetes/client-node'
import { createClient } from '../launcher/client/client.ts'
import { startLauncher } from '../launcher/supervise/start-launcher.ts'
import { jobObject } from '../plugins/kubernetes/job-object.ts'
import { hollowCluster } from './hollow-cluster.ts'

const JOBS = 300
const ROUNDS = 5
const SUBMISSION = { name: 'bench', command: 'true', container: { image: 'localhost/busybox:1' } }

const cluster = await hollowCluster()
const folder = await mkdtemp(join(tmpdir(), 'bench-'))
const settings = join(folder, 'host.gcfg')
await writeFile(settings, `[Launcher]\nConfigDir = ${folder}/conf\nScratchPath = ${folder}/scratch\nLogLevel = warn\nLocal = false\nKubernetes = true\nKubernetesNamespace = ${cluster.namespace}\nKubeconfig = ${cluster.kubeconfig}\n`)
const launcher = await startLauncher({ settings })
const client = createClient({ address: launcher.ready.address })

const config = new KubeConfig()
config.loadFromFile(cluster.kubeconfig)
const stockApi = config.makeApiClient(BatchV1Api)
const { server } = config.getCurrentCluster()!
const user = config.getCurrentUser()!
const ca = Buffer.from(config.getCurrentCluster()!.caData ?? (await readFile(config.getCurrentCluster()!.caFile!)).toString('base64'), 'base64')
const agent = new Agent({ connect: { ca }, connections: 32 })

/** Ids of the jobs that the cluster was seen to hold, and who waits for that. */
const taken = new Set<string>()
const waiting = new Map<string, () => void>()
const stop = new AbortController()
const watching = (async () => {
  for await (const { id, message } of client.events({ signal: stop.signal })) {
    if (message === undefined) continue
    taken.add(id)
    waiting.get(id)?.()
  }
})().catch(() => {})

function body () {
  const job = { id: randomBytes(13).toString('hex'), user: 'root', cluster: 'Kubernetes', submission: SUBMISSION, submissionTime: Date.now(), status: 'Pending', revision: 1, lastUpdateTime: Date.now(), handedOver: false } as const
  return jobObject(job, { namespace: cluster.namespace, instance: 'bench', expiryHours: 24 })
}

const contenders = {
  async launcher () {
    const { id } = await client.submit(SUBMISSION)
    await new Promise<void>(resolve => taken.has(id) ? resolve() : waiting.set(id, resolve))
  },
  async bare () {
    const reply = await request(`${server}/apis/batch/v1/namespaces/${cluster.namespace}/jobs`, {
      method: 'POST', dispatcher: agent, headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' }, body: JSON.stringify(body())
    })
    JSON.parse(await reply.body.text())
  },
  async stock () {
    await stockApi.createNamespacedJob({ namespace: cluster.namespace, body: body() as never })
  }
}

async function perSecond (work: () => Promise<void>, inFlight: number, jobs: number): Promise<number> {
  const began = performance.now()
  let left = jobs
  await Promise.all(Array.from({ length: inFlight }, async () => { while (left-- > 0) await work() }))
  return jobs / (performance.now() - began) * 1000
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

try {
  for (const work of Object.values(contenders)) await perSecond(work, 16, 100)
  for (const inFlight of [1, 16, 64]) {
    const rates: Record<keyof typeof contenders, number[]> = { launcher: [], bare: [], stock: [] }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, work] of Object.entries(contenders)) rates[name as keyof typeof rates].push(await perSecond(work, inFlight, name === 'stock' || inFlight === 1 ? JOBS / 3 : JOBS))
    }
    const [own, bare, stock] = [median(rates.launcher), median(rates.bare), median(rates.stock)]
    process.stdout.write(`${inFlight} in flight: launcher ${own.toFixed(0)}/s, bare client ${bare.toFixed(0)}/s, stock client ${stock.toFixed(0)}/s; ratio to bare ${(own / bare).toFixed(2)}, to stock ${(own / stock).toFixed(1)}\n`)
  }
} finally {
  stop.abort()
  await watching
  await client.close()
  await launcher.stop()
  await agent.close()
  await cluster.end()
  await rm(folder, { recursive: true, force: true })
}
