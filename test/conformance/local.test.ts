import t from 'tap'
import { conform, type Subject } from './conform.ts'
import { localBackend } from './local-backend.ts'

const program: Subject['program'] = (command, more) => ({ name: 'conformance', command, ...more })

await conform(t, { name: 'Local', create: () => localBackend(), program, skip: {}, mayLoseExitCode: false })

if (process.getuid!() === 0) {
  await conform(t, {
    name: 'Local for another user',
    create: () => localBackend({}, 'nobody'),
    program,
    skip: {},
    mayLoseExitCode: false
  })
} else {
  t.test('Local for another user', { skip: 'needs root' }, () => {})
}
