import t from 'tap'
import { createClient } from '../../../launcher/client/client.ts'
import { connect } from '../../../launcher/client/connection.ts'
import { readUsage } from '../../../launcher/client/usage.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

const usage = { jobs: [], totals: { jobs: 0, measuredJobs: 0, cpus: 0, memoryBytes: 0 }, complete: true }

t.test('the usage is read again after a cut, with the filter, until the signal aborts', async t => {
  const requests: Array<string | undefined> = []
  const { address } = await stubLauncher(t, (request, response) => {
    requests.push(request.url)
    response.write(`: job-launcher\n\nevent: usage\ndata: ${JSON.stringify({ ...usage, n: requests.length })}\n\n`)
    response.end('event: other\ndata: 1\n\n')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const stop = new AbortController()
  const seen: unknown[] = []
  for await (const each of readUsage(connection, { user: 'ann', tag: ['a'] }, stop.signal)) {
    if (seen.push(each) === 2) stop.abort()
  }
  t.strictSame(seen, [{ ...usage, n: 1 }, { ...usage, n: 2 }])
  t.strictSame(requests, ['/v1/usage?tag=a&user=ann', '/v1/usage?tag=a&user=ann'])
})

t.test('one reading is a reply', async t => {
  const { address } = await stubLauncher(t, (request, response) => {
    t.equal(request.url, '/v1/usage?cluster=Local')
    t.notMatch(String(request.headers.accept), 'event-stream')
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(usage))
  })
  const client = createClient({ address })
  t.teardown(client.close)
  t.strictSame(await client.usage({ cluster: 'Local' }), usage)
})
