import { mock } from 'node:test'
import pino from 'pino'
import t, { type Test } from 'tap'
import { KubeApiError, NoAnswerError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import type { TrackedPod } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { createStartGates } from '../../../../plugins/kubernetes/lifecycle/start-gates.ts'
import { PASSES } from '../../../../plugins/kubernetes/lifecycle/start-gate.ts'
import type { JobView } from '../../../../plugins/kubernetes/cache/views.ts'
import { isLauncherObject } from '../../../../plugins/kubernetes/metadata/names.ts'
import { settings } from '../sample-objects.ts'
import { jobViewOf, podOf, trackedPod } from '../sample-views.ts'
import type { StartToken } from '../../../../plugins/kubernetes/metadata/start-token.ts'

const GATES = '/api/v1/namespaces/jobs/configmaps'
const refused = (status: number, reason: string): KubeApiError => new KubeApiError('x', status, reason, reason)
/** Lets everything happen that waits for no timer. */
const settle = async (): Promise<void> => { for (let turn = 0; turn < 30; turn++) await Promise.resolve() }

/** Gates on a server of a minor version; `faults` is asked before each call. */
function build (t: Test, { minor = '20', fault = (_: Call): Error | undefined => undefined } = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_800_000_000_000 })
  t.teardown(() => mock.timers.reset())
  const calls: Call[] = []
  const jobs = new Map<string, { job: JobView, pods: TrackedPod[] }>()
  const lines: number[] = []
  const gates = createStartGates({
    client: {
      async call<T> (call: Call) {
        calls.push(call)
        const error = fault(call)
        if (error !== undefined) throw error
        return (call.path === '/version' ? { major: '1', minor } : {}) as T
      }
    },
    cache: { jobOf: id => jobs.get(id)?.job, podsOf: id => jobs.get(id)?.pods ?? [], ids: () => jobs.keys() },
    namespace: 'jobs',
    owner: () => settings,
    now: Date.now,
    log: pino({}, { write: line => { lines.push(JSON.parse(line).level) } })
  })
  return {
    gates,
    calls,
    lines,
    /** Writes, without what the gate holds. */
    writes: () =>
      calls
        .splice(0)
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, body }) => [method, path.replace(GATES, ''), ...(method === 'PATCH' ? [body] : [])]),
    /** The Job was made. */
    make (id: string, pass: StartToken, job: Partial<JobView> = {}) {
      jobs.set(id, { job: jobViewOf({ jobId: id, pass, ...job }), pods: [] })
    },
    run (id: string) {
      jobs.get(id)!.pods.push(trackedPod(podOf()))
      gates.check(id)
    },
    change (id: string, job: Partial<JobView>) {
      jobs.set(id, { ...jobs.get(id)!, job: { ...jobs.get(id)!.job, ...job } })
      gates.check(id)
    },
    async wait (ms: number) {
      mock.timers.tick(ms)
      await settle()
    }
  }
}

t.test('a server that waits for the end of a pod needs no start gate', async t => {
  const { gates, calls } = build(t, { minor: '26' })
  t.equal(await gates.tokenFor('a'), undefined)
  t.equal(await gates.tokenFor('b'), undefined)
  t.strictSame(calls, [{ method: 'GET', path: '/version' }])
})

t.test('a server that hides its version gets start gates, and one that does not answer is asked again', async t => {
  let error: Error | undefined = new NoAnswerError('away', 'ECONNREFUSED', false)
  const { gates } = build(t, { fault: ({ path }) => path === '/version' ? error : undefined })
  await t.rejects(gates.tokenFor('a'), { message: 'away' })
  error = refused(403, 'Forbidden')
  t.match(await gates.tokenFor('a'), { key: '0' })
})

t.test('concurrent jobs share a start gate, each with its own token, and a repeat gets its former token', async t => {
  const { gates, calls } = build(t)
  const ids = Array.from({ length: PASSES }, (_, index) => `job-${index}`)
  const passes = await Promise.all(ids.map(id => gates.tokenFor(id)))
  t.equal(new Set(passes.map(pass => pass!.gate)).size, 1)
  t.equal(calls.filter(({ path }) => path === '/version').length, 1)
  t.equal(new Set(passes.map(pass => pass!.key)).size, PASSES)
  t.strictSame(calls.map(({ method }) => method).filter(method => method !== 'GET'), ['POST'])
  for (const pass of passes) t.ok(pass!.key in (calls.at(-1)!.body as { data: object }).data, 'it is open')
  t.strictSame(await gates.tokenFor('job-3'), passes[3])
  t.not((await gates.tokenFor('one more'))!.gate, passes[0]!.gate, 'a gate that is full')
})

t.test('a job that comes later has another start gate', async t => {
  const { gates, wait } = build(t)
  const { gate } = (await gates.tokenFor('a'))!
  await wait(4999)
  t.equal((await gates.tokenFor('b'))!.gate, gate)
  await wait(1)
  t.not((await gates.tokenFor('c'))!.gate, gate)
})

t.test('tokens of started jobs are revoked by one write a second, and the last with the gate', async t => {
  const { gates, writes, make, run, wait } = build(t)
  const passes = Object.fromEntries(
    await Promise.all(['a', 'b', 'c'].map(async id => [id, (await gates.tokenFor(id))!] as const))
  )
  const { gate } = passes.a!
  for (const id of ['a', 'b', 'c']) make(id, passes[id]!)
  writes()
  for (const id of ['a', 'b']) run(id)
  gates.check('a')
  await wait(999)
  t.strictSame(writes(), [])
  await wait(1)
  t.strictSame(writes(), [['PATCH', `/${gate}`, { data: { [passes.a!.key]: null, [passes.b!.key]: null } }]])
  await wait(60_000)
  gates.check('a')
  t.strictSame(writes(), [], 'one that has not started keeps its own')
  run('c')
  await wait(1000)
  t.strictSame(writes(), [['DELETE', `/${gate}`]])
  await wait(60_000)
  t.strictSame(writes(), [])
})

t.test('a start gate whose jobs have all started is deleted when no other job may join', async t => {
  const { gates, writes, make, run, wait } = build(t)
  const pass = (await gates.tokenFor('a'))!
  make('a', pass)
  run('a')
  writes()
  await wait(1000)
  t.strictSame(writes(), [['PATCH', `/${pass.gate}`, { data: { [pass.key]: null } }]])
  for (let second = 0; second < 5; second++) await wait(1000)
  t.strictSame(writes(), [['DELETE', `/${pass.gate}`]])
})

t.test('a token is revoked at once when a pod was deleted, even if its revocation is due', async t => {
  for (const started of [false, true]) {
    const { gates, writes, make, run } = build(t)
    const [pass] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
    make('a', pass!)
    if (started) run('a')
    writes()
    await gates.revoke('a')
    t.strictSame(writes(), [['PATCH', `/${pass!.gate}`, { data: { [pass!.key]: null } }]])
    await gates.revoke('a')
    t.strictSame(writes(), [], 'once')
    mock.timers.reset()
  }
})

t.test(
  'the token of a Job that makes no more pods is revoked on request, until it is known to be gone',
  async t => {
    let error: Error | undefined
    const { gates, writes, make, change, wait, lines } = build(t, {
      fault: ({ method }) => (method === 'PATCH' ? error : undefined)
    })
    const [pass] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
    make('a', pass!)
    change('a', { parallelism: 0 })
    writes()
    error = refused(500, 'InternalError')
    await t.rejects(gates.revoke('a'), error)
    await t.rejects(gates.revoke('a'), error)
    await wait(1000)
    t.strictSame(lines, [40], 'it is tried again soon')
    error = undefined
    writes()
    await gates.revoke('a')
    t.strictSame(writes(), [['PATCH', `/${pass!.gate}`, { data: { [pass!.key]: null } }]])
    await gates.revoke('a')
    await gates.revoke('unknown')
    t.strictSame(writes(), [])
  }
)

t.test('a token revoked before its Job stopped making pods costs no second write', async t => {
  const { gates, writes, make, change } = build(t)
  const [pass] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
  make('a', pass!)
  writes()
  await gates.revoke('a')
  change('a', { parallelism: 0 })
  await gates.revoke('a')
  t.strictSame(writes(), [['PATCH', `/${pass!.gate}`, { data: { [pass!.key]: null } }]])
})

t.test('a job forgotten during its revocation is not remembered', async t => {
  const { gates, writes, make } = build(t)
  const [pass] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
  make('a', pass!)
  writes()
  const taken = gates.revoke('a')
  gates.drop('a')
  await taken
  writes()
  await gates.revoke('a')
  t.match(writes(), [['PATCH', `/${pass!.gate}`]])
})

t.test('a Job that makes no more pods needs no write of its own', async t => {
  const { gates, writes, make, change, wait } = build(t)
  const [a, b] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
  make('a', a!)
  make('b', b!)
  writes()
  change('a', { conditions: [{ type: 'Complete', status: 'True' }] })
  await wait(10_000)
  t.strictSame(writes(), [])
  gates.leave('b')
  await wait(1000)
  t.strictSame(writes(), [['DELETE', `/${a!.gate}`]])
})

t.test('a failed revocation is retried, and logged', async t => {
  let error: Error | undefined
  const { gates, writes, make, run, wait, lines } = build(t, {
    fault: ({ method }) => (method === 'PATCH' ? error : undefined)
  })
  const [pass] = await Promise.all(['a', 'b'].map(id => gates.tokenFor(id)))
  make('a', pass!)
  run('a')
  error = refused(500, 'InternalError')
  await wait(1000)
  t.strictSame(lines, [40])
  writes()
  error = refused(404, 'NotFound')
  await wait(30_000)
  t.match(writes(), [['PATCH']])
  await wait(60_000)
  t.strictSame(writes(), [], 'a gate that is gone is as good')
})

t.test('a start that cannot have a start gate says why', async t => {
  const { gates } = build(t, { fault: ({ method }) => (method === 'POST' ? refused(403, 'Forbidden') : undefined) })
  await t.rejects(gates.tokenFor('a'), {
    name: 'RetryableError',
    message: /no right to create a ConfigMap in the namespace jobs/
  })
})

t.test('the next launcher revokes what its predecessor could not, and knows what is still needed', async t => {
  const { gates, writes, make, run, wait } = build(t)
  make('started', { gate: 'gate-old', key: '1' })
  make('waiting', { gate: 'gate-old', key: '2' })
  make('other', { gate: 'gate-done', key: '1' }, { parallelism: 0 })
  run('started')
  gates.check('waiting')
  gates.check('other')
  await wait(1000)
  t.strictSame(writes(), [['PATCH', '/gate-old', { data: { 1: null } }]])
  await wait(60_000)
  t.strictSame(writes(), [], 'it is swept when it is old')
  const { gate } = (await gates.tokenFor('new'))!
  t.strictSame([...gates.needed()].sort(), [gate, 'gate-old'].sort())
  t.ok(isLauncherObject(gate), 'no job can name it')
})

t.test('an orderly end revokes the due tokens', async t => {
  const { gates, writes, make, run, wait } = build(t)
  const pass = (await gates.tokenFor('a'))!
  make('a', pass)
  run('a')
  writes()
  await gates.close()
  t.match(writes(), [['PATCH', `/${pass.gate}`]])
  await wait(60_000)
  t.strictSame(writes(), [])
})
