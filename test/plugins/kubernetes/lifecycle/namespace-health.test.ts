import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import type { Finding } from '../../../../launcher/plugin.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { createNamespaceHealth } from '../../../../plugins/kubernetes/lifecycle/namespace-health.ts'

const MISSING: Finding = {
  check: 'namespace',
  state: 'missing',
  message: 'Namespace n does not exist.',
  help: 'Make it.'
}
const OK: Finding = { check: 'namespace', state: 'ok', message: 'Namespace n exists.' }
const SKIPPED: Finding = { check: 'namespace', state: 'skipped', message: 'Namespace n could not be read.' }

function health (t: Pick<Test, 'teardown'>, found: Finding | Error) {
  const server = { found, reads: 0 }
  const events = new EventEmitter()
  const { log, lines } = recordingLog()
  const created = createNamespaceHealth({
    async checkNamespace () {
      server.reads += 1
      events.emit('read')
      if (server.found instanceof Error) throw server.found
      return server.found
    },
    log,
    intervalMs: 5
  })
  // The timer of the repeated checks does not keep the process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => {
    clearInterval(alive)
    created.close()
  })
  return { ...created, server, lines, nextRead: () => once(events, 'read') }
}

t.test('an existing namespace is read once for all concurrent callers, and not again without a call', async t => {
  const { check, problem, server } = health(t, OK)
  await Promise.all([check(), check()])
  t.equal(problem(), undefined)
  t.equal(server.reads, 1)
  await check()
  t.equal(server.reads, 2)
})

t.test('a missing namespace is reported with what to do, and read until it exists', async t => {
  const { check, problem, server, nextRead } = health(t, MISSING)
  await check()
  t.equal(problem(), 'Namespace n does not exist. Make it.')
  await nextRead()
  await nextRead()
  t.equal(problem(), 'Namespace n does not exist. Make it.')
  server.found = OK
  while (problem() !== undefined) await nextRead()
  t.equal(problem(), undefined)
})

t.test('a namespace that cannot be read is a problem, and a failed check keeps the former problem', async t => {
  const { check, problem, server, nextRead } = health(t, SKIPPED)
  await check()
  t.equal(problem(), 'Namespace n could not be read.')
  server.found = new Error('a defect')
  await nextRead()
  await nextRead()
  t.equal(problem(), 'Namespace n could not be read.')
})

t.test('nothing is read after close', async t => {
  const { check, close, server } = health(t, MISSING)
  await check()
  close()
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(server.reads, 1)
})

t.test('an unusable namespace and its recovery are each logged once', async t => {
  const { check, server, lines } = health(t, MISSING)
  await check()
  await check()
  server.found = OK
  await check()
  await check()
  t.match(lines, [
    { level: 40, msg: 'namespace unusable', problem: 'Namespace n does not exist. Make it.' },
    { level: 40, msg: 'namespace restored', outageMs: Number }
  ])
  t.equal(lines.length, 2)
})

t.test('a failed check of the namespace is logged, and so is the first that succeeds again', async t => {
  const { check, server, lines } = health(t, new Error('a defect'))
  await check()
  await check()
  server.found = OK
  await check()
  await check()
  t.match(lines, [
    { level: 40, msg: 'namespace check failed', err: { message: 'a defect' } },
    { level: 20, msg: 'namespace check failed' },
    { level: 40, msg: 'namespace check restored', outageMs: Number }
  ])
  t.equal(lines.length, 3)
})

t.test('the uid of the namespace is that of the last check', async t => {
  const { check, uid } = health(t, { ...OK, jobPlaceId: 'u' })
  t.equal(uid(), undefined)
  await check()
  t.equal(uid(), 'u')
})

t.test('a namespace that was missing stays gone until it is found, also without the right to read it', async t => {
  const { check, isGone, server } = health(t, MISSING)
  await check()
  server.found = SKIPPED
  await check()
  t.equal(isGone(), true)
  server.found = OK
  await check()
  t.equal(isGone(), false)
})

t.test('a refresh reads nothing right after a check', async t => {
  const { check, refresh, server } = health(t, OK)
  await refresh()
  t.equal(server.reads, 1)
  await check()
  await refresh()
  t.equal(server.reads, 2)
})
