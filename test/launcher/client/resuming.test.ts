import t from 'tap'
import { resuming } from '../../../launcher/client/resuming.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import { collect } from '../../fixtures/collect.ts'

const gone = () => new LauncherError('LauncherUnreachable', 'gone')

t.test('an attempt is repeated after a cut, until one completes', async t => {
  let attempts = 0
  const pieces = await collect(resuming<number>(async function * (opened) {
    attempts++
    if (attempts === 2) throw gone()
    opened()
    yield attempts
    if (attempts === 1) throw gone()
    return true
  }))
  t.same(pieces, [1, 3])
})

t.test('a launcher that does not answer at first is an error at once', async t => {
  let attempts = 0
  await t.rejects(collect(resuming(async function * () {
    attempts++
    throw gone()
  })), { code: 'LauncherUnreachable' })
  t.equal(attempts, 1)
})

t.test('a launcher that has not adopted all jobs yet is asked again from the first attempt on', async t => {
  let attempts = 0
  const pieces = await collect(resuming<number>(async function * (opened) {
    attempts++
    if (attempts < 3) throw new LauncherError('AdoptionIncomplete', 'wait')
    opened()
    yield attempts
    return true
  }))
  t.same(pieces, [3])
})

t.test('an error that waiting cannot resolve ends the attempts', async t => {
  await t.rejects(collect(resuming(async function * (opened) {
    opened()
    throw new LauncherError('JobNotFound', 'forgotten')
  })), { code: 'JobNotFound' })
})

t.test('an abort ends the attempts without an error, during a read and during a wait', async t => {
  const reading = new AbortController()
  t.same(await collect(resuming(async function * () {
    reading.abort()
    throw gone()
  }, reading.signal)), [])

  const waiting = new AbortController()
  t.same(await collect(resuming(async function * (opened) {
    opened()
    yield 1
    setImmediate(() => waiting.abort())
    return false
  }, waiting.signal)), [1])
})
