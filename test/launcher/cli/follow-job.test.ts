import t from 'tap'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { copyOutput, streamsOf } from '../../../launcher/cli/follow-job.ts'
import type { ClientJob, LauncherClient } from '../../../launcher/client/client.ts'

t.test('each stream is copied to its counterpart from the requested offset', async t => {
  const client = {
    async * output (id: string, { stream, from, follow }: { stream: string, from?: number, follow?: boolean }) {
      yield Buffer.from(`${id} ${stream} `)
      yield Buffer.from(`${from} ${follow}`)
    }
  } as unknown as LauncherClient
  const to = { stdout: new PassThrough(), stderr: new PassThrough() }
  const written = Promise.all([text(to.stdout), text(to.stderr)])
  await copyOutput(client, to, { id: 'x', streams: ['stdout', 'stderr'], from: 3, follow: true })
  to.stdout.end()
  to.stderr.end()
  t.same(await written, ['x stdout 3 true', 'x stderr 3 true'])
})

t.test('a cluster that mixes the streams has one', async t => {
  const client = (output: string) =>
    ({ cluster: async (name: string) => ({ name, output }) }) as unknown as LauncherClient
  const job = { cluster: 'C' } as ClientJob
  t.same(await streamsOf(client('mixed'), job), ['stdout'])
  t.same(await streamsOf(client('separate'), job), ['stdout', 'stderr'])
})
