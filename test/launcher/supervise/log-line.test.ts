import t from 'tap'
import { parseLogLine } from '../../../launcher/supervise/log-line.ts'

t.test('a line of JSON is read', async t => {
  t.same(parseLogLine('{"level":40,"msg":"slow","ms":7}'), { level: 40, msg: 'slow', ms: 7 })
  t.same(parseLogLine('{"level":30}'), { level: 30, msg: '' })
})

t.test('any other line is an error with the text', async t => {
  for (const line of ['Error: boom', '7', 'null', '{"msg":"no level"}', '{']) {
    t.same(parseLogLine(line), { level: 50, msg: line })
  }
})
