import type { RequestListener } from 'node:http'
import t from 'tap'
import { createLogPosition } from '../../../../plugins/kubernetes/output/log-position.ts'
import { readPodLog } from '../../../../plugins/kubernetes/output/log-reader.ts'
import { json, tinyServer } from '../client/tiny-server.ts'
import { at as timeOf, rotatingNode, served, text, texts } from './rotating-node.ts'

const at = (nanoseconds: number): string => `2026-01-31T12:00:00.${String(nanoseconds).padStart(9, '0')}Z`
const written = (...numbers: number[]): string => numbers.map(number => `${at(number)} ${number}\n`).join('')
const ends = (text: string): RequestListener => (_request, reply) => { reply.end(text) }
const isCut = (text: string): RequestListener => (request, reply) => reply.write(text, () => request.socket.destroy())

/** Each request gets the next answer, and the last answer is repeated. */
async function read (
  t: Parameters<typeof tinyServer>[0],
  answers: RequestListener[],
  options: {
    follow?: boolean
    running?: () => boolean
    idleTimeoutMs?: number
    signal?: AbortSignal
    gave?: () => void
  } = {}
) {
  const { client, requests } = await tinyServer(t, (request, reply) =>
    (answers.length > 1 ? answers.shift()! : answers[0]!)(request, reply)
  )
  const counts = { reopened: 0, foreign: 0, waited: 0 }
  let text = ''
  const done = readPodLog(client, {
    namespace: 'n',
    pod: 'p',
    container: 'c',
    position: createLogPosition(),
    follow: options.follow ?? true,
    running: options.running ?? (() => true),
    ended: async () => { counts.waited += 1 },
    signal: options.signal ?? new AbortController().signal,
    take (bytes) {
      text += Buffer.from(bytes).toString()
      options.gave?.()
    },
    metrics: { reopened () { counts.reopened += 1 }, foreignLines (lines) { counts.foreign += lines } },
    ...(options.idleTimeoutMs !== undefined && { idleTimeoutMs: options.idleTimeoutMs })
  })
  return { done, text: () => text, requests, counts }
}

t.test('a read without following is one request', async t => {
  const { done, text, requests, counts } = await read(t, [ends(`${written(1, 2)}rpc error: code = NotFound\n`)], {
    follow: false
  })
  await done
  t.equal(text(), '1\n2\n')
  t.strictSame(requests, ['GET /api/v1/namespaces/n/pods/p/log?container=c&timestamps=true&follow=false'])
  t.strictSame(counts, { reopened: 0, foreign: 1, waited: 0 })
})

t.test(
  'a follow that ends while the container runs is reopened, and the log of the terminated container is read to its end',
  async t => {
    let running = true
    const answers = [
      ends(written(1, 2)),
      isCut(`${written(2, 3)}${at(4)} ha`),
      (...args: Parameters<RequestListener>) => {
        running = false
        ends(written(3, 4))(...args)
      },
      ends(written(1, 2, 3, 4, 5))
    ]
    const { done, text, requests, counts } = await read(t, answers, { running: () => running })
    await done
    t.equal(text(), '1\n2\n3\n4\n5\n')
    t.strictSame(
      requests.map(request => request.includes('follow=true')),
      [true, true, true, false]
    )
    t.match(requests[1], /sinceTime=2026-01-31T12%3A00%3A00Z$/)
    t.equal(counts.reopened, 2)
    t.equal(counts.waited, 1, 'it waits for the event of the end, but not after a cut')
  }
)

t.test('an idle follow is reopened', async t => {
  let running = true
  const { done, text } = await read(t, [(_request, reply) => { reply.write(written(1)) }, (_request, reply) => {
    running = false
    reply.end(written(1, 2))
  }, ends(written(1, 2))], { idleTimeoutMs: 40, running: () => running })
  await done
  t.equal(text(), '1\n2\n')
})

t.test('a container that has not started yet (400) and a failing node (500) are retried', async t => {
  let running = true
  const trouble =
    (status: number): RequestListener =>
      (_request, reply) =>
        json(reply, status, {
          kind: 'Status',
          reason: 'BadRequest',
          message: 'container "c" in pod "p" is waiting to start'
        })
  const { done, text } = await read(
    t,
    [
      trouble(400),
      trouble(500),
      (_request, reply) => {
        running = false
        reply.end(written(1))
      }
    ],
    { running: () => running }
  )
  await done
  t.equal(text(), '1\n')
})

t.test('a pod that is gone rejects with 404 after its output was read', async t => {
  const gone: RequestListener = (_request, reply) =>
    json(reply, 404, { kind: 'Status', reason: 'NotFound', message: 'pods "p" not found' })
  const { done, text } = await read(t, [ends(written(1)), gone])
  await t.rejects(done, { name: 'KubeApiError', status: 404 })
  t.equal(text(), '1\n')
})

t.test('a read without following gives up after eight attempts', async t => {
  const { done, requests } = await read(t, [isCut('')], { follow: false })
  await t.rejects(done, { name: 'NoAnswerError' })
  t.equal(requests.length, 8)
})

t.test('an aborted read resolves', async t => {
  const leave = new AbortController()
  const { done, text } = await read(
    t,
    [
      (_request, reply) => {
        reply.write(written(1))
      }
    ],
    { signal: leave.signal, gave: () => leave.abort() }
  )
  await done
  t.equal(text(), '1\n')
})

t.test('an error of take ends the read', async t => {
  const { done, requests } = await read(t, [ends(written(1, 2))], {
    follow: false,
    gave () {
      throw new Error('the disk is full')
    }
  })
  await t.rejects(done, /disk is full/)
  t.equal(requests.length, 1)
})

t.test('lines of the next file are kept, though their times are before those of the last lines', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(10, 20)
  await node.until(() => node.state.output === texts(10, 20))
  node.rotate()
  node.add([served(5), served(6), served(21)])
  node.end()
  await done
  t.equal(node.state.output, texts(10, 20) + texts(5, 7) + text(21))
  t.equal(node.state.gaps, 0)
})

t.test('a file that was rotated away before it was read to its end is a gap', async t => {
  const node = await rotatingNode(t)
  const done = node.read()
  await node.until(() => node.follows.size === 1)
  node.write(0, 300)
  await node.until(() => node.state.output === texts(0, 300))
  node.rotate()
  node.write(310, 620)
  node.cut()
  await node.until(() => node.state.output === texts(0, 300) + texts(310, 620))
  t.equal(node.state.gaps, 1)
  node.end()
  await done
  t.equal(node.state.output, texts(0, 300) + texts(310, 620))
  t.equal(node.state.gaps, 1)
})

t.test('the next reader finds a gap too, and none if its position is still in the file', async t => {
  const first = await rotatingNode(t)
  first.write(0, 300)
  first.state.running = false
  await first.read(false)
  const saved = JSON.parse(JSON.stringify(first.position.save()))
  t.equal(saved.file, timeOf(0))
  for (const [start, gaps, expected] of [[0, 0, texts(300, 310)], [305, 1, texts(305, 310)]] as const) {
    const node = await rotatingNode(t, saved)
    node.write(start, 310)
    node.state.running = false
    await node.read(false)
    t.equal(node.state.output, expected)
    t.equal(node.state.gaps, gaps)
  }
})

t.test('an empty newest file is a gap if the file before it was not read to its end', async t => {
  const first = await rotatingNode(t)
  first.write(0, 10)
  first.state.running = false
  await first.read(false)
  const node = await rotatingNode(t, first.position.save())
  node.state.running = false
  await node.read(false)
  t.equal(node.state.gaps, 1)
})

t.test('a log that is gone is complete if its follow ended with the container, but not if it was cut', async t => {
  for (const isCut of [false, true]) {
    const node = await rotatingNode(t)
    const done = node.read()
    await node.until(() => node.follows.size === 1)
    node.write(0, 3)
    await node.until(() => node.state.output === texts(0, 3))
    node.state.isGone = true
    if (isCut) node.state.running = false
    if (isCut) node.cut()
    else node.end()
    if (isCut) await t.rejects(done, /404 NotFound/)
    else await done
    t.equal(node.state.output, texts(0, 3))
  }
})

t.test('a fast log says that its start may be missing if a file could be replaced before it was opened', async t => {
  const lines = texts(0, 2000).split('\n').slice(0, -1)
  const log = lines.map((line, index) => `${at(index)} ${line}\n`).join('')
  const startOf = Date.parse('2026-01-31T12:00:00Z') - 3000
  for (const [startedAt, expected] of [[startOf, 1], [startOf + 3000, 0]] as const) {
    let missing = 0
    const { client } = await tinyServer(t, ends(log))
    await readPodLog(client, {
      namespace: 'n',
      pod: 'p',
      container: 'c',
      position: createLogPosition(),
      follow: false,
      running: () => false,
      ended: async () => {},
      signal: new AbortController().signal,
      take () {},
      startedAt: () => startedAt,
      onStartMissing () { missing += 1 },
      metrics: { reopened () {}, foreignLines () {} }
    })
    t.equal(missing, expected)
  }
})
