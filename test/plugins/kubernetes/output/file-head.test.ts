import t from 'tap'
import { headOf, readHead } from '../../../../plugins/kubernetes/output/file-head.ts'
import { tinyServer } from '../client/tiny-server.ts'

const at = (line: number): string => `2026-01-31T12:00:00.00000000${line}Z`

t.test('the head has the times of the first lines, and the length of the first', async t => {
  t.equal(headOf(Buffer.from('')), undefined)
  t.equal(headOf(Buffer.from('rpc error\n')), undefined)
  t.strictSame(headOf(Buffer.from(`${at(1)} ab`)), { times: [at(1)], firstLength: 2 })
  t.strictSame(headOf(Buffer.from(`${at(1)} abc\n${at(2)} d\n`)), { times: [at(1), at(2)], firstLength: 4 })
  const many = Array.from({ length: 10 }, (_, line) => `${at(line)} x\n`).join('')
  t.strictSame(headOf(Buffer.from(many))!.times, Array.from({ length: 8 }, (_, line) => at(line)))
})

t.test('only the first bytes of the newest file are requested', async t => {
  const { client, requests } = await tinyServer(t, (_request, reply) => { reply.end(`${at(1)} one\n`) })
  const head = await readHead(client, '/log', 'c', new AbortController().signal)
  t.strictSame(head, { times: [at(1)], firstLength: 4 })
  t.strictSame(requests, ['GET /log?container=c&timestamps=true&limitBytes=8192'])
})
