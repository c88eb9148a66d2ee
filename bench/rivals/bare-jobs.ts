// A rival of the bench: posts Jobs and watches Jobs and pods until each Job has ended, with nothing stored and no
// output read. Arguments: kubeconfig, namespace. Reads lines "JOBS IN_FLIGHT", and prints "done" after each.

import { createInterface } from 'node:readline'
import pino from 'pino'
import { Agent, request } from 'undici'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'

const [kubeconfig, namespace] = process.argv.slice(2)
const { server, headers, tls } = await (
  await loadCredentials({ kubeconfig: kubeconfig! }, pino({ level: 'silent' }), process.env)
).access()
const dispatcher = new Agent({ connect: { ...tls }, connections: 32, bodyTimeout: 0 })
const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`
const ended = new Map<string, PromiseWithResolvers<void>>()

interface Watched {
  readonly object: { readonly metadata: { readonly name: string }; readonly status?: { completionTime?: string } }
}

async function follow (path: string, on: (event: Watched) => void): Promise<void> {
  const { body } = await request(`${server}${path}?watch=true`, { dispatcher, headers })
  process.stdout.write('watching\n')
  let text = ''
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (text + chunk).split('\n')
    text = lines.pop()!
    lines.forEach(line => on(JSON.parse(line) as Watched))
  }
}

async function job (): Promise<void> {
  const name = `bare-${crypto.randomUUID()}`
  const end = Promise.withResolvers<void>()
  ended.set(name, end)
  const { statusCode, body } = await request(`${server}${jobs}`, {
    method: 'POST',
    dispatcher,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            containers: [{ name: 'content', image: 'localhost/busybox:1', command: ['true'] }]
          }
        }
      }
    })
  })
  const reply = await body.text()
  if (statusCode !== 201) throw new Error(reply)
  JSON.parse(reply)
  await end.promise
}

const watching = [follow(jobs, ({ object: { metadata, status } }) => {
  if (status?.completionTime !== undefined) ended.get(metadata.name)?.resolve()
}), follow(`/api/v1/namespaces/${namespace}/pods`, () => {})]
for await (const line of createInterface(process.stdin)) {
  const [count = 0, inFlight = 1] = line.split(' ').map(Number)
  let left = count
  await Promise.all(Array.from({ length: inFlight }, async () => { while (left-- > 0) await job() }))
  process.stdout.write('done\n')
}
await Promise.all(watching)
