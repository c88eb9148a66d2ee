import t from 'tap'
import {
  ERRORS,
  isLauncherError,
  LauncherError,
  RetryableError,
  retryableIfSystem,
  systemCode,
  type ErrorCode
} from '../../launcher/errors.ts'

t.test('each error has a status, an exit code of sysexits, a title and one sentence of help', async t => {
  for (const [code, { status, exit, title, help }] of Object.entries(ERRORS)) {
    t.match(code, /^[A-Z][A-Za-z]+$/)
    t.ok(status >= 400 && status <= 599, code)
    t.ok(exit >= 64 && exit <= 78, code)
    t.match(title, /^[A-Z][^.]*$/, code)
    t.match(help, /^(?:[A-Z]|job-launcher ).*\.$/, code)
  }
})

t.test('an error carries its code, facts, kind and cause', async t => {
  const cause = new TypeError('why')
  const error = new LauncherError('JobNotFound', 'There is none.', { id: 'x' }, { cause })
  t.match(error, { name: 'LauncherError', code: 'JobNotFound', message: 'There is none.', details: { id: 'x' } })
  t.equal(error.cause, cause)
  t.equal(error.kind, ERRORS.JobNotFound)
  t.strictSame(new LauncherError('InternalError', 'm').details, {})
})

t.test('an error has the help of its code, unless it has one of its own', async t => {
  t.equal(new LauncherError('JobNotFound', 'm').help, ERRORS.JobNotFound.help)
  t.equal(new LauncherError('JobNotFound', 'm', {}, { help: 'Look.' }).help, 'Look.')
})

t.test('an error is known by its class and its code', async t => {
  const error = new LauncherError('JobNotFound', 'm')
  t.equal(isLauncherError(error), true)
  t.equal(isLauncherError(error, 'JobNotFound'), true)
  t.equal(isLauncherError(error, 'Forbidden'), false)
  t.equal(isLauncherError(Object.assign(new TypeError('m'), { code: 'JobNotFound' as ErrorCode })), false)
  t.equal(isLauncherError(undefined), false)
})

t.test('the code of a system error is text or undefined', async t => {
  t.equal(systemCode(Object.assign(new TypeError('m'), { code: 'ENOENT' })), 'ENOENT')
  t.equal(systemCode(Object.assign(new TypeError('m'), { code: 5 })), undefined)
  t.equal(systemCode('ENOENT'), undefined)
})

t.test('a system error becomes one that may pass, and any other error stays', async t => {
  const full = Object.assign(new TypeError('no space'), { code: 'ENOSPC' })
  const failure = retryableIfSystem(full) as RetryableError
  t.ok(failure instanceof RetryableError)
  t.match(failure, { name: 'RetryableError', message: 'no space', cause: full, reason: undefined })
  t.equal(new RetryableError('m', { reason: 'QuotaExceeded' }).reason, 'QuotaExceeded')
  for (const other of [new TypeError('m'), new LauncherError('JobNotFound', 'm')]) {
    t.equal(retryableIfSystem(other), other)
  }
})
