import { mock } from 'node:test'
import t from 'tap'
import type { Call, KubeClient } from '../../../../plugins/kubernetes/client/client.ts'
import { withRateLimit } from '../../../../plugins/kubernetes/client/rate-limit.ts'

function client (answer: (call: Call) => unknown = () => ({})) {
  const calls: string[] = []
  const made: KubeClient = {
    server: async () => 'x',
    call: async <T>(call: Call) => {
      calls.push(`${call.method} ${call.path}`)
      return await answer(call) as T
    },
    async * open () {},
    now: Date.now,
    close: async () => {}
  }
  return { client: made, calls }
}
const write = (path: number): Call => ({ method: 'POST', path: String(path) })
const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn++) await Promise.resolve() }

t.test('without a limit the client\'s own function is returned', async t => {
  const { client: plain } = client()
  t.equal(withRateLimit(plain, undefined), plain.call)
})

t.test('writes keep their order and the limit in every second, and reads do not wait', async t => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_800_000_000_000 })
  t.teardown(() => mock.timers.reset())
  const { client: counted, calls } = client()
  const call = withRateLimit(counted, 2)
  const done = [call(write(1))]
  await settle()
  mock.timers.tick(900)
  done.push(...[2, 3, 4, 5].map(number => call(write(number))))
  await settle()
  t.strictSame(calls, ['POST 1', 'POST 2'])
  await call({ method: 'GET', path: 'x' })
  t.strictSame(calls, ['POST 1', 'POST 2', 'GET x'])
  const writes = async (ms: number): Promise<number> => {
    mock.timers.tick(ms)
    await settle()
    return calls.filter(call => call !== 'GET x').length
  }
  t.equal(await writes(50), 2)
  t.equal(await writes(60), 3, 'a second after the first')
  t.equal(await writes(700), 3)
  t.equal(await writes(200), 4, 'a second after the second')
  t.equal(await writes(1000), 5)
  await Promise.all(done)
  t.strictSame(calls.filter(call => call !== 'GET x'), [1, 2, 3, 4, 5].map(number => `POST ${number}`))
})

t.test('each caller gets the result or the error of its own write', async t => {
  const { client: mixed } = client(({ path }) => {
    if (path === '2') throw new TypeError('no')
    return { path }
  })
  const call = withRateLimit(mixed, 100)
  const [first, second, third] = await Promise.allSettled([call(write(1)), call(write(2)), call(write(3))])
  t.match([first, second, third], [{ value: { path: '1' } }, { reason: { message: 'no' } }, { value: { path: '3' } }])
})
