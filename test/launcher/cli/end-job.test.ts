import t from 'tap'
import { endJob } from '../../../launcher/cli/end-job.ts'
import type { LauncherClient } from '../../../launcher/client/client.ts'
import { LauncherError } from '../../../launcher/errors.ts'

/** A client whose job has these statuses in turn; `refuse` of its first operations come too late. */
function clientOf (statuses: string[], refuse: number) {
  const asked: string[] = []
  const client = {
    get: async () => ({ status: statuses.shift() }),
    control: async (_id: string, operation: string) => {
      asked.push(operation)
      if (asked.length <= refuse) throw new LauncherError('InvalidJobState', 'too late')
    }
  } as unknown as LauncherClient
  return { client, asked }
}

t.test('a waiting job is canceled, a running one stopped or killed, an ended one left alone', async t => {
  for (const [status, operation, wanted] of [
    ['Pending', 'kill', ['cancel']],
    ['Running', 'stop', ['stop']],
    ['Suspended', 'kill', ['kill']],
    ['Finished', 'stop', []]
  ] as const) {
    const { client, asked } = clientOf([status], 0)
    await endJob(client, 'x', operation)
    t.same(asked, wanted, status)
  }
})

t.test('a status that changes meanwhile is read again', async t => {
  const { client, asked } = clientOf(['Pending', 'Running', 'Finished'], 2)
  await endJob(client, 'x', 'stop')
  t.same(asked, ['cancel', 'stop'])
})

t.test('any other refusal is rethrown', async t => {
  const client = {
    get: async () => ({ status: 'Running' }),
    control: async () => { throw new LauncherError('Forbidden', 'not yours') }
  } as unknown as LauncherClient
  await t.rejects(endJob(client, 'x', 'stop'), { code: 'Forbidden' })
})
