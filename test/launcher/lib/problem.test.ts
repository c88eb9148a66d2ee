import t from 'tap'
import { placeOf, problemText, problemsError } from '../../../launcher/lib/problem.ts'

t.test('a problem is shown with its place and its key, if they are known', async t => {
  t.equal(
    problemText({ file: '/x.conf', line: 4, key: 'port', problem: 'is not a number' }),
    '/x.conf line 4: port is not a number'
  )
  t.equal(problemText({ file: '/x.conf', problem: 'has no section [server]' }), '/x.conf: has no section [server]')
  t.equal(problemText({ key: 'port', problem: 'is missing' }), 'port is missing')
  t.equal(placeOf({}), '')
})

t.test('the error lists every problem and points at the first', async t => {
  const problems = [
    { file: '/x.conf', line: 4, key: 'port', problem: 'is bad' },
    { file: '/y.conf', problem: 'is worse' }
  ]
  const error = problemsError('ConfInvalid', problems)
  t.equal(error.code, 'ConfInvalid')
  t.equal(error.message, '/x.conf line 4: port is bad\n/y.conf: is worse')
  t.strictSame(error.details, { file: '/x.conf', line: 4, problems })
  t.strictSame(problemsError('ConfInvalid', [{ problem: 'is bad' }]).details, { problems: [{ problem: 'is bad' }] })
})

t.test('the error has the code of its problems if all have the same one, and otherwise that of the list', async t => {
  const unreadable = { file: '/x', problem: 'cannot be read (it is a folder)', code: 'FileNotReadable' } as const
  const untrusted = { file: '/y', problem: 'can be written by every user', code: 'FileNotTrusted' } as const
  t.equal(problemsError('ConfInvalid', [unreadable, unreadable]).code, 'FileNotReadable')
  t.equal(problemsError('ConfInvalid', [unreadable, untrusted]).code, 'ConfInvalid')
  t.equal(problemsError('ConfInvalid', [unreadable, { problem: 'is bad' }]).code, 'ConfInvalid')
  t.equal(problemsError('ConfInvalid', []).code, 'ConfInvalid')
})
