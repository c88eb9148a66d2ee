import t from 'tap'
import { answeredWith, noAnswerWithin, noHttpReply, nothingListens } from '../../../launcher/plugin-kit/port-problem.ts'

t.test('each clause names the port, and completes the sentence of NotReady', async t => {
  t.equal(nothingListens(81, '10.1.2.3'), 'nothing listens on port 81 at 10.1.2.3')
  t.equal(answeredWith(404, 81, '/x'), 'GET /x on port 81 was answered with 404')
  t.equal(noAnswerWithin(0.3, 81), 'port 81 did not answer within 0.3 s')
  t.equal(noHttpReply(81, '/x'), 'port 81 gave no HTTP reply to GET /x')
})
