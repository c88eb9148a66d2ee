import t from 'tap'
import { parseReadyLine } from '../../../launcher/supervise/ready-line.ts'

t.test('a ready line is returned as it is', async t => {
  const line = {
    event: 'ready',
    address: '/s/launcher.sock',
    pid: 7,
    instance: 'i',
    version: '1',
    api: 'v1',
    configDir: '/c'
  }
  t.same(parseReadyLine(JSON.stringify(line)), line)
})

t.test('a failed line is thrown with its code, message and facts', async t => {
  t.throws(
    () => parseReadyLine('{"event":"failed","code":"ScratchPathTaken","message":"Process 12 uses it.","pid":12}'),
    { code: 'ScratchPathTaken', message: 'Process 12 uses it.', details: { pid: 12 } }
  )
  t.throws(() => parseReadyLine('{"event":"failed","code":"Newer","message":"No."}'), {
    code: 'LauncherExited',
    message: 'No.'
  })
})

t.test('any other line gives nothing', async t => {
  for (const line of ['', 'text', '7', 'null', '{"event":"other"}']) t.equal(parseReadyLine(line), undefined, line)
})
