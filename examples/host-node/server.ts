// A host in its smallest form: spawn the launcher, submit a job, follow its output, stop. Run it: node server.ts
// [COMMAND]

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from './host.ts'

const command = process.argv[2] ?? 'echo "Hello from job $$"; sleep 1; echo "and goodbye"'
const folder = await mkdtemp(join(tmpdir(), 'host-'))

const host = await startHost(folder, ({ level, msg }) => {
  if (level >= 40) console.error(`launcher: ${msg}`)
})
try {
  const { launcher, client } = host
  launcher.on('restarting', ({ delayMs }) => console.error(`the launcher died and is started again in ${delayMs} ms`))
  console.log(`ready at ${launcher.ready.address}`)

  const job = await client.submit({ name: 'hello', command, tags: ['example'] })
  console.log(`submitted ${job.id}`)

  for await (const bytes of client.output(job.id, { stream: 'stdout', follow: true })) process.stdout.write(bytes)

  const { status, exitCode, reason } = await client.ended(job.id)
  console.log(`${status}, exit code ${exitCode}, ${reason}`)
  process.exitCode = exitCode ?? 1
} finally {
  await host.stop()
  await rm(folder, { recursive: true })
}
