import t from 'tap'
import type { ServerResponse } from 'node:http'
import { createClient } from '../../../launcher/client/client.ts'
import { connect } from '../../../launcher/client/connection.ts'
import { readEvents } from '../../../launcher/client/events.ts'
import { collect } from '../../fixtures/collect.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

function send (response: ServerResponse, revision: number, status: string): void {
  response.write(`event: job\nid: a-${revision}\ndata: ${JSON.stringify({ id: 'x', status, revision })}\n\n`)
}

t.test('after a cut, the stream requests the events after the last one', async t => {
  const seen: Array<string | string[] | undefined> = []
  const { address } = await stubLauncher(t, (request, response) => {
    seen.push(request.headers['last-event-id'])
    if (seen.length === 1) {
      send(response, 5, 'Pending')
      send(response, 6, 'Running')
      response.end('event: other\ndata: 1\n\n')
    } else {
      send(response, 9, 'Finished')
      response.end()
    }
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const statuses = (await collect(readEvents(connection, { id: 'x' }))).map(job => job.status)
  t.same(statuses, ['Pending', 'Running', 'Finished'])
  t.same(seen, [undefined, 'a-6'])
})

t.test(
  'the events of all jobs take a filter and the id of an event, and continue until they are aborted',
  async t => {
    let asked = ''
    const { address } = await stubLauncher(t, (request, response) => {
      asked = `${request.url} ${request.headers['last-event-id']}`
      send(response, 3, 'Finished')
    })
    const connection = connect({ address })
    t.teardown(connection.close)
    const abort = new AbortController()
    for await (const job of readEvents(connection, { filter: { tag: ['a'] }, after: 'a-2', signal: abort.signal })) {
      t.equal(job.revision, 3)
      abort.abort()
    }
    t.equal(asked, '/v1/jobs/events?tag=a a-2')
  }
)

t.test('the caller is notified that jobs may be missing, and when they are known', async t => {
  const { address } = await stubLauncher(t, (_, response) => {
    response.write('event: adoption\ndata: {"complete":false,"clusters":["Local"]}\n\n')
    send(response, 3, 'Running')
    response.write('event: adoption\ndata: {"complete":true,"clusters":[]}\n\n')
    send(response, 4, 'Finished')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const seen: unknown[] = []
  for await (const { status } of readEvents(connection, { complete: complete => { seen.push(complete) } })) {
    seen.push(status)
    if (status === 'Finished') break
  }
  t.strictSame(seen, [false, 'Running', true, 'Finished'])
})

t.test('events after the last one of an ended job end at once', async t => {
  const { address } = await stubLauncher(t, (_, response) => response.writeHead(204).end())
  const connection = connect({ address })
  t.teardown(connection.close)
  t.strictSame(await collect(readEvents(connection, { id: 'a', after: 'a-7' })), [])
})

t.test('a reset and a removed job are called back in their order, and ids once their event was taken', async t => {
  const asked: Array<string | string[] | undefined> = []
  const { address } = await stubLauncher(t, (request, response) => {
    asked.push(request.headers['last-event-id'])
    if (asked.length === 1) {
      send(response, 3, 'Running')
      response.write('event: removed\nid: a-4\ndata: {"id":"x","why":"unmatched"}\n\n')
      response.end()
    } else {
      response.write('event: reset\ndata: {}\n\n')
      response.write('event: job\nid: b-1\ndata: {"id":"y","status":"Pending"}\n\n')
    }
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const seen: unknown[] = []
  for await (const { id } of readEvents(connection, {
    reset: () => { seen.push('reset') },
    removed: removed => { seen.push(removed) },
    taken: eventId => { seen.push(eventId) }
  })) {
    seen.push(id)
    if (id === 'y') break
  }
  t.strictSame(seen, ['x', 'a-3', { id: 'x', why: 'unmatched' }, 'a-4', 'reset', 'y'])
  t.strictSame(asked, [undefined, 'a-4'])
})

t.test('the events of one job end when it is removed', async t => {
  const { address } = await stubLauncher(t, (_, response) => {
    send(response, 3, 'Running')
    response.end('event: removed\nid: a-4\ndata: {"id":"x","why":"deleted"}\n\n')
  })
  const client = createClient({ address })
  t.teardown(client.close)
  t.match(await collect(client.events({ id: 'x' })), [{ status: 'Running' }])
  await t.rejects(client.ended('x'), { code: 'JobNotFound' }, 'a job that runs has not ended')
})
