// A rival of the bench: only watches Jobs and pods of a namespace. Arguments: kubeconfig, namespace.

import pino from 'pino'
import { Agent, request } from 'undici'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'

const [kubeconfig, namespace] = process.argv.slice(2)
const { server, headers, tls } = await (
  await loadCredentials({ kubeconfig: kubeconfig! }, pino({ level: 'silent' }), process.env)
).access()
const dispatcher = new Agent({ connect: { ...tls }, bodyTimeout: 0 })

async function follow (path: string): Promise<void> {
  const list = (await (await request(`${server}${path}`, { dispatcher, headers })).body.json()) as {
    metadata: { resourceVersion: string }
  }
  const { resourceVersion } = list.metadata
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=3000&resourceVersion=${resourceVersion}`
  const { body } = await request(`${server}${path}?${query}`, { dispatcher, headers })
  process.stdout.write('ready\n')
  let text = ''
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (text + chunk).split('\n')
    text = lines.pop()!
    lines.forEach(line => JSON.parse(line))
  }
}

await Promise.all([`/apis/batch/v1/namespaces/${namespace}/jobs`, `/api/v1/namespaces/${namespace}/pods`].map(follow))
