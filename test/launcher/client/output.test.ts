import t from 'tap'
import { connect } from '../../../launcher/client/connection.ts'
import { readOutput, readOutputPart } from '../../../launcher/client/output.ts'
import { collect } from '../../fixtures/collect.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

const OUTPUT = 'one two three'

t.test('following resumes at its byte after a cut and ends with the whole output of the ended job', async t => {
  const asked: string[] = []
  const { address } = await stubLauncher(t, (request, response) => {
    const url = new URL(request.url!, 'http://launcher')
    if (!url.pathname.endsWith('/output')) {
      response.end(JSON.stringify({ id: 'x', status: 'Running' }))
      return
    }
    asked.push(url.search)
    const rest = OUTPUT.slice(Number(url.searchParams.get('from')))
    if (asked.length === 1) response.write(rest.slice(0, 4), () => response.destroy())
    else if (asked.length === 2) response.write(rest.slice(0, 3), () => response.destroy())
    else response.end(rest)
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const pieces = await collect(readOutput(connection, 'x', { stream: 'stdout', follow: true }))
  t.equal(Buffer.concat(pieces).toString(), OUTPUT)
  t.same(asked, [
    '?stream=stdout&from=0&follow=true',
    '?stream=stdout&from=4&follow=true',
    '?stream=stdout&from=7&follow=true'
  ])
})

t.test('without follow, one reply is the whole result', async t => {
  let replies = 0
  const { address } = await stubLauncher(t, (request, response) => {
    if (request.url!.includes('/output')) replies++
    response.end(request.url!.includes('/output') ? 'tail' : '{"status":"Running"}')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const pieces = await collect(readOutput(connection, 'x', { stream: 'stderr', from: 9 }))
  t.equal(Buffer.concat(pieces).toString(), 'tail')
  t.equal(replies, 1)
})

t.test('following goes on if the program emptied its output, and ends when the job has ended', async t => {
  let replies = 0
  const { address } = await stubLauncher(t, (request, response) => {
    const url = new URL(request.url!, 'http://launcher')
    if (!url.pathname.endsWith('/output')) {
      response.end(JSON.stringify({ id: 'x', status: replies < 3 ? 'Running' : 'Finished' }))
      return
    }
    replies++
    if (url.searchParams.get('from') === '0') {
      response.write('seven b', () => response.destroy())
      return
    }
    response.statusCode = 416
    response.setHeader('content-type', 'application/problem+json')
    response.end(JSON.stringify({ status: 416, code: 'OutputOffsetPastEnd', title: 't', detail: 'It has 3 bytes.' }))
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const pieces = await collect(readOutput(connection, 'x', { stream: 'stdout', follow: true }))
  t.equal(Buffer.concat(pieces).toString(), 'seven b')
  t.equal(replies, 3)
  const past = readOutput(connection, 'x', { stream: 'stdout', from: 9, follow: true })
  await t.rejects(collect(past), { code: 'OutputOffsetPastEnd' }, 'an offset of the caller')
})

t.test('a part is asked for with the position of the part before, and one that is cut is an error', async t => {
  const asked: string[] = []
  const { address } = await stubLauncher(t, (request, response) => {
    asked.push(request.url!)
    response.setHeader('output-position', '7,2')
    response.setHeader('output-complete', String(asked.length > 1))
    response.setHeader('content-length', '6')
    if (asked.length > 2) response.write('one', () => response.destroy())
    else response.end('onetwo')
  })
  const connection = connect({ address })
  t.teardown(connection.close)
  const first = await readOutputPart(connection, 'x', { timeoutSeconds: 5 })
  t.match(first, { position: '7,2', complete: false })
  t.equal(Buffer.from(first.data).toString(), 'onetwo')
  t.match(await readOutputPart(connection, 'x', { from: first.position, stream: 'stdout' }), { complete: true })
  await t.rejects(readOutputPart(connection, 'x', { tail: 3 }), { code: 'LauncherUnreachable' })
  t.same(asked, [
    '/v1/jobs/x/output?stream=both&wait=output&timeoutSeconds=5',
    '/v1/jobs/x/output?stream=stdout&wait=output&from=7%2C2',
    '/v1/jobs/x/output?stream=both&wait=output&tail=3'
  ])
})
