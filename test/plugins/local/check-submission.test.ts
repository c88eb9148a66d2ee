import t from 'tap'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { checkSubmission } from '../../../plugins/local/check-submission.ts'

const check = (submission: Partial<JobSubmission>) => () => checkSubmission({ name: 'x', exe: 'x', ...submission })

t.test('texts that a program can receive are accepted', t => {
  t.doesNotThrow(
    check({
      args: ['a', 'b'.repeat(100_000)],
      secrets: [{ name: 'TOKEN', value: 'x' }],
      exposedPorts: [{ targetPort: 1, publishedPort: 1 }]
    })
  )
  t.end()
})

t.test('texts that the kernel would not accept are refused, and named', t => {
  const long = 'é'.repeat(70_000)
  t.throws(check({ args: ['a', long] }), { code: 'InvalidJob', details: { field: 'args[1]' } })
  t.throws(check({ command: long }), { code: 'InvalidJob', details: { field: 'command' } })
  t.throws(check({ environment: [{ name: 'A', value: long }] }), {
    code: 'InvalidJob',
    details: { field: 'environment[0]' }
  })
  t.throws(check({ args: Array(20).fill('x'.repeat(100_000)) }), { code: 'InvalidJob', details: { field: 'args' } })
  t.end()
})

t.test('a secret whose name would show it is refused', t => {
  t.throws(
    check({
      secrets: [
        { name: 'OK', value: '' },
        { name: 'a.b', value: 'hunter2' }
      ]
    }),
    { code: 'InvalidJob', details: { field: 'secrets[1].name' }, message: /^(?!.*hunter2)/ }
  )
  t.end()
})

t.test('a local port cannot be published as another', t => {
  t.throws(check({ exposedPorts: [{ targetPort: 1, publishedPort: 2 }] }), {
    code: 'NotSupportedByCluster',
    details: { field: 'exposedPorts[0].publishedPort' }
  })
  t.end()
})
