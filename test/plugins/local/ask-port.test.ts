import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { askPort, type Question } from '../../../plugins/local/ask-port.ts'

async function portOf (t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const ask = (question: Pick<Question, 'port'> & Partial<Question>) =>
  askPort({ isOwn: async () => true, signal: new AbortController().signal, ...question })

t.test('a status from 200 to 399 counts, and any other is named', async t => {
  const paths: string[] = []
  const port = await portOf(t, createHttpServer((request, reply) => {
    paths.push(`${request.method} ${request.url}`)
    reply.statusCode = Number(request.url!.slice(1))
    reply.end('x'.repeat(100_000))
  }))
  for (const status of [200, 204, 302, 399]) t.equal(await ask({ port, httpPath: `/${status}` }), undefined)
  for (const status of [400, 404, 503]) {
    t.equal(await ask({ port, httpPath: `/${status}` }), `GET /${status} on port ${port} was answered with ${status}`)
  }
  t.equal(paths[0], 'GET /200')
})

t.test('a port that gives no HTTP reply is not ready for HTTP, whatever it does', { timeout: 20_000 }, async t => {
  const answers: Record<string, (socket: Socket) => void> = {
    silent: () => {},
    closed: socket => socket.end(),
    reset: socket => socket.resetAndDestroy(),
    rubbish: socket => socket.end('\0\xff no reply\r\n\r\n'),
    endless: socket => { socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}`) }
  }
  for (const [name, answer] of Object.entries(answers)) {
    const sockets: Socket[] = []
    const port = await portOf(t, createServer(socket => {
      sockets.push(socket)
      socket.on('error', () => {})
      answer(socket)
    }))
    const problem = await ask({ port, httpPath: '/', answerMs: 300.5 })
    t.match(problem, /gave no HTTP reply|did not answer within 0.3 s/, name)
    if (name !== 'reset') t.equal(await ask({ port }), undefined, `${name}: the connection alone is enough`)
    for (const socket of sockets) socket.destroy()
  }
})

t.test('a port on which nothing listens, or a stranger, is not ready and gets nothing', async t => {
  let received = 0
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', () => { received += 1 })
  })
  const port = await portOf(t, server)
  for (const httpPath of [undefined, '/']) {
    t.match(await ask({ port, httpPath, isOwn: async () => false }), /a process that is not one of the job listens/)
  }
  t.equal(received, 0)
  server.close()
  await once(server, 'close')
  t.equal(await ask({ port }), `nothing listens on port ${port} at 127.0.0.1`)
})

t.test('a question ends with its signal', { timeout: 20_000 }, async t => {
  const stop = new AbortController()
  const port = await portOf(t, createServer(socket => socket.on('error', () => {})).on('connection', () => {
    stop.abort()
  }))
  t.type(await ask({ port, httpPath: '/', signal: stop.signal }), 'string')
})
