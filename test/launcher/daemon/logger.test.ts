import { Writable } from 'node:stream'
import t from 'tap'
import { createLogger } from '../../../launcher/daemon/logger.ts'
import { LauncherError, RetryableError, retryableIfSystem } from '../../../launcher/errors.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'

function capture (level: string, pretty = false) {
  const lines: string[] = []
  const destination = new Writable({ write (data, _encoding, done) { lines.push(String(data)); done() } })
  return { log: createLogger(level, { pretty, colors: false, destination }), lines }
}

t.test('a line is JSON with pid, message and fields, and lines below the level are not written', async t => {
  const { log, lines } = capture('info')
  log.debug('no')
  log.info({ job: 'x' }, 'yes')
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0]!), { level: 30, pid: process.pid, job: 'x', msg: 'yes' })
})

t.test('no secret reaches the log, whichever field contains it', async t => {
  const { log, lines } = capture('info')
  const secrets = [{ name: 'S', value: 'hush' }]
  const { submission } = sampleJob({
    submission: { name: 'n', exe: 'e', secrets, stdin: 'hush', environment: [{ name: 'E', value: 'hush' }] }
  })
  log.info({ submission }, 'm')
  log.info({ job: { submission } }, 'm')
  log.info(submission, 'm')
  log.info(
    {
      headers: { authorization: 'Bearer hush' },
      req: { headers: { authorization: 'Bearer hush' } },
      key: 'hush',
      tls: { key: 'hush' }
    },
    'm'
  )
  t.equal(lines.length, 4)
  for (const line of lines) {
    t.notMatch(line, /hush/)
    t.match(line, /\[Redacted\]/)
  }
})

t.test('a line for a person is text', async t => {
  const { log, lines } = capture('info', true)
  log.warn({ job: 'x' }, 'disk full')
  t.match(lines.join(''), /WARN: disk full\n {4}job: "x"/)
})

t.test('an expected failure is logged with its code, message and details, and only a defect has a stack', async t => {
  const { log, lines } = capture('info')
  const problems = [{ file: '/etc/launcher.conf', line: 3, problem: 'is not a known key' }]
  const cause = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  log.error({ err: new LauncherError('ConfInvalid', 'wrong.', { problems }, { cause }) }, 'reload failed')
  log.warn({ err: new RetryableError('Not now.') }, 'start failed')
  log.error({ err: new LauncherError('InternalError', 'a defect') }, 'm')
  log.error({ err: new TypeError('another') }, 'm')
  const [conf, retryable, internal, other] = lines.map(line => JSON.parse(line).err)
  t.match(conf, { type: 'LauncherError', code: 'ConfInvalid', message: /^wrong\.$/, details: { problems } })
  t.notOk('stack' in conf)
  t.match(retryable, { message: 'Not now.' })
  t.notOk('stack' in retryable)
  t.match(internal.stack, /logger\.test/)
  t.match(other.stack, /logger\.test/)

  const person = capture('info', true)
  person.log.error({ err: new LauncherError('ConfInvalid', 'wrong.', { problems }) }, 'reload failed')
  t.match(person.lines.join(''), /reload failed[^]*ConfInvalid[^]*launcher\.conf/)
  t.notMatch(person.lines.join(''), / at /)
})

t.test('a failure that will be retried says its cause once', async t => {
  const { log, lines } = capture('info')
  const cause = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  log.warn({ err: retryableIfSystem(cause) }, 'start failed')
  log.warn({ err: new RetryableError(`The folder cannot be created: ${cause.message}. Free space.`, { cause }) }, 'm')
  log.warn({ err: new RetryableError('The right is missing.', { cause }) }, 'm')
  t.strictSame(lines.map(line => JSON.parse(line).err.message), [
    'ENOSPC: no space left on device',
    'The folder cannot be created: ENOSPC: no space left on device. Free space.',
    'The right is missing.: ENOSPC: no space left on device'
  ])
})
