// A rival of the bench: only reads logs of pods. Argument: kubeconfig. For each line {"logs", "readers", "bytes"} of
// its input, `readers` readers read each of the logs. Writes a line once each reader has `bytes` bytes.

import { createInterface } from 'node:readline'
import pino from 'pino'
import { Agent, request } from 'undici'
import { loadCredentials } from '../../plugins/kubernetes/client/credentials.ts'

export interface BareRead {
  readonly logs: readonly string[]
  readonly readers: number
  readonly bytes: number
}

const [kubeconfig] = process.argv.slice(2)
const { server, headers, tls } = await (
  await loadCredentials({ kubeconfig: kubeconfig! }, pino({ level: 'silent' }), process.env)
).access()
const dispatcher = new Agent({ connect: { ...tls } })

async function read (path: string, bytes: number): Promise<void> {
  const { statusCode, body } = await request(`${server}${path}`, { dispatcher, headers })
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`)
  let size = 0
  for await (const chunk of body) size += (chunk as Buffer).length
  if (size !== bytes) throw new Error(`${size} of ${bytes} bytes`)
}

for await (const line of createInterface(process.stdin)) {
  const { logs, readers, bytes } = JSON.parse(line) as BareRead
  await Promise.all(logs.flatMap(path => Array.from({ length: readers }, () => read(path, bytes))))
  process.stdout.write('read\n')
}
