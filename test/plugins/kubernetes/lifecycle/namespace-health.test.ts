import { EventEmitter, once } from 'node:events'
import pino from 'pino'
import t, { type Test } from 'tap'
import type { Finding } from '../../../../launcher/plugin.ts'
import { createNamespaceHealth } from '../../../../plugins/kubernetes/lifecycle/namespace-health.ts'

const MISSING: Finding = {
  check: 'namespace',
  state: 'missing',
  message: 'Namespace n does not exist.',
  help: 'Make it.'
}
const OK: Finding = { check: 'namespace', state: 'ok', message: 'Namespace n exists.' }
const SKIPPED: Finding = { check: 'namespace', state: 'skipped', message: 'Namespace n could not be looked at.' }

function health (t: Pick<Test, 'teardown'>, found: Finding | Error) {
  const world = { found, looks: 0 }
  const news = new EventEmitter()
  const made = createNamespaceHealth({
    async checkNamespace () {
      world.looks += 1
      news.emit('look')
      if (world.found instanceof Error) throw world.found
      return world.found
    },
    log: pino({ level: 'silent' }),
    intervalMs: 5
  })
  // The looks that come by themselves keep no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => {
    clearInterval(alive)
    made.close()
  })
  return { ...made, world, look: () => once(news, 'look') }
}

t.test('an existing namespace is read once for all concurrent callers, and not again by itself', async t => {
  const { check, problem, world } = health(t, OK)
  await Promise.all([check(), check()])
  t.equal(problem(), undefined)
  t.equal(world.looks, 1)
  await check()
  t.equal(world.looks, 2)
})

t.test('a missing namespace is reported with what to do, and read until it exists', async t => {
  const { check, problem, world, look } = health(t, MISSING)
  await check()
  t.equal(problem(), 'Namespace n does not exist. Make it.')
  await look()
  await look()
  t.equal(problem(), 'Namespace n does not exist. Make it.')
  world.found = OK
  while (problem() !== undefined) await look()
  t.equal(problem(), undefined)
})

t.test('a namespace that cannot be read counts as missing, and a failed read keeps the former state', async t => {
  const { check, problem, world, look } = health(t, SKIPPED)
  await check()
  t.equal(problem(), 'Namespace n could not be looked at.')
  world.found = new Error('a defect')
  await look()
  await look()
  t.equal(problem(), 'Namespace n could not be looked at.')
})

t.test('nothing is read after close', async t => {
  const { check, close, world } = health(t, MISSING)
  await check()
  close()
  await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(world.looks, 1)
})
