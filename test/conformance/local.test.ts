import t from 'tap'
import { conform } from './conform.ts'
import { localBackend } from './local-backend.ts'

await conform(t, {
  name: 'Local',
  create: localBackend,
  program: (command, more) => ({ name: 'conformance', command, ...more }),
  skip: {}
})
