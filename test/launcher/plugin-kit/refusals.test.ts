import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { admittedOrThrow, collectRefusals } from '../../../launcher/plugin-kit/refusals.ts'

const refuse = (message: string): never => { throw new LauncherError('InvalidJob', message) }

t.test('steps continue after a refusal, and all refusals are collected in order', async t => {
  const refusals = collectRefusals()
  t.equal(refusals.during(() => 1), 1)
  t.equal(refusals.during(() => refuse('a')), undefined)
  t.equal(await refusals.duringAsync(async () => 2), 2)
  t.equal(await refusals.duringAsync(async () => refuse('b')), undefined)
  refusals.add(undefined)
  refusals.add(new LauncherError('InvalidJob', 'c'))
  t.strictSame(refusals.all.map(({ message }) => message), ['a', 'b', 'c'])
})

t.test('an error that is not a refusal is rethrown', async t => {
  const refusals = collectRefusals()
  t.throws(() => refusals.during(() => { throw new TypeError('x') }), TypeError)
  await t.rejects(refusals.duringAsync(async () => { throw new TypeError('x') }), TypeError)
  t.strictSame(refusals.all, [])
})

t.test('an admitted job is returned, or the first refusal thrown', async t => {
  const admitted = { name: 'n', command: 'true' }
  t.equal(admittedOrThrow({ admitted, refusals: [] }), admitted)
  t.throws(
    () => admittedOrThrow({ refusals: [new LauncherError('InvalidJob', 'a'), new LauncherError('Forbidden', 'b')] }),
    { code: 'InvalidJob', message: 'a' }
  )
})

t.test('a decision that neither admits nor refuses is a defect', async t => {
  t.throws(() => admittedOrThrow({ refusals: [] }), { code: 'InternalError' })
})
