import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Question } from '../../../plugins/local/ask-port.ts'
import { createReadiness, pauseMs, type AskedJob } from '../../../plugins/local/readiness.ts'
import { until } from '../../fixtures/until.ts'

const job = (id: string, changes: Partial<AskedJob> = {}): AskedJob => ({
  id,
  exposedPorts: [{ ready: { tcp: true } }, {}, { ready: { httpPath: '/x' } }],
  ports: [80, 81, 82],
  sinceStartMs: () => 0,
  isOwn: async () => true,
  ...changes
})

function scene (t: Test, answer: (question: Question) => Promise<string | undefined>) {
  const changed: string[] = []
  const asked: number[] = []
  // The timers of the launcher keep no process alive.
  const alive = setInterval(() => {}, 1000)
  const readiness = createReadiness(id => changed.push(id), async question => {
    asked.push(question.port)
    return await answer(question)
  }, () => 77)
  t.teardown(() => {
    clearInterval(alive)
    readiness.close()
  })
  return { changed, asked, readiness }
}

t.test('each port is asked until it has answered once, and the job is ready with the last', async t => {
  let left = 5
  const { changed, asked, readiness } = scene(t, async ({ port }) => port === 82 && left-- > 0 ? 'busy' : undefined)
  t.strictSame(readiness.watch(job('a')), {
    waiting: [{ index: 0, problem: undefined }, { index: 2, problem: undefined }]
  })
  await until(() => asked.length > 2)
  t.strictSame(readiness.watch(job('a')), { waiting: [{ index: 2, problem: undefined }] }, 'it is not late yet')
  await until(() => changed.length > 0)
  t.strictSame(readiness.watch(job('a')), { readyTime: 77 })
  t.strictSame([asked, changed], [[80, 82, 82, 82, 82, 82, 82], ['a']])
})

t.test('a port is late with the end of the first attempt after its time, which is soon after a restart', async t => {
  let answer = (_problem?: string): void => {}
  const { asked, changed, readiness } = scene(t, async ({ port }) =>
    port === 80 ? await new Promise<string | undefined>(resolve => { answer = resolve }) : 'busy')
  const exposedPorts = [
    { ready: { tcp: true as const, timeoutSeconds: 1 } }, {}, { ready: { httpPath: '/x', timeoutSeconds: 999 } }
  ]
  let sinceMs = 100_000
  const old = job('a', { exposedPorts, sinceStartMs: () => sinceMs })
  const unknown = { waiting: [{ index: 0, problem: undefined }, { index: 2, problem: undefined }] }
  t.strictSame(readiness.watch(old), unknown)
  const began = performance.now()
  await until(() => asked.length === 2)
  t.ok(performance.now() - began < 4000, 'not only after the pause of a program that has run for long')
  t.strictSame([readiness.watch(old), changed], [unknown, []], 'while it is asked')
  sinceMs = 1000
  answer('no reply')
  await until(() => changed.length > 0)
  t.strictSame(readiness.watch(old), { waiting: [{ index: 0, problem: 'no reply' }, unknown.waiting[1]] })
  await until(() => asked.length === 4)
  t.strictSame(changed, ['a'])
  answer()
  await until(() => changed.length > 1)
  t.strictSame(readiness.watch(old), { waiting: [unknown.waiting[1]] }, 'a late port that answers is a change')
})

t.test('an attempt ends soon after the next port is late, and is a full one after that', async t => {
  const answersMs: (number | undefined)[] = []
  const times = [0, 8000, 9990, 10_000]
  let sinceMs = 0
  const { changed, readiness } = scene(t, async ({ answerMs }) => {
    answersMs.push(answerMs)
    sinceMs = times.at(answersMs.length) ?? 10_000
    return answersMs.length > 3 ? undefined : 'silent'
  })
  const exposedPorts = [{ ready: { tcp: true as const, timeoutSeconds: 10 } }]
  readiness.watch(job('a', { exposedPorts, sinceStartMs: () => sinceMs }))
  await until(() => changed.length === 2)
  t.strictSame(answersMs, [5000, 2300, 310, 5000])
})

t.test('a job that is forgotten is asked no more, and reports nothing', async t => {
  let answered = (): void => {}
  const { changed, asked, readiness } = scene(t, async ({ signal }) => {
    await new Promise<void>(resolve => {
      answered = resolve
      signal.addEventListener('abort', () => resolve())
    })
    return undefined
  })
  readiness.watch(job('a'))
  await until(() => asked.length === 2)
  readiness.forget('a')
  answered()
  await delay(300)
  t.strictSame([changed, asked.length], [[], 2])
})

t.test('a port whose number is lost is not asked', async t => {
  const { asked, readiness } = scene(t, async () => undefined)
  const lost = job('a', { ports: [80], sinceStartMs: () => 60_000 })
  readiness.watch(lost)
  await until(() => asked.length === 1)
  t.match(readiness.watch(lost), { waiting: [{ index: 2, problem: 'its number is not known' }] })
})

t.test('at most 200 jobs are asked at once, and each has its turn', { timeout: 60_000 }, async t => {
  let now = 0
  let most = 0
  const { changed, readiness } = scene(t, async () => {
    most = Math.max(most, ++now)
    await delay(20)
    now -= 1
    return undefined
  })
  const one = { exposedPorts: [{ ready: { tcp: true as const } }] }
  for (let index = 0; index < 1000; index++) readiness.watch(job(`${index}`, one))
  await until(() => changed.length === 1000)
  t.ok(most <= 200, `${most}`)
  t.equal(new Set(changed).size, 1000)
})

t.test('a job is left alone for longer, the longer it runs and the more jobs wait', async t => {
  t.strictSame([0, 500, 3000, 60_000, 1e9].map(since => pauseMs(since, 1)), [100, 100, 300, 5000, 5000])
  t.strictSame([20, 100, 1000, 10_000].map(count => pauseMs(0, count)), [100, 500, 5000, 50_000])
})

t.test('a port is asked when it becomes late, unless too many jobs wait', async t => {
  t.strictSame([[1, 5000], [1, 700], [1, 1], [1000, 700]].map(([count, left]) => pauseMs(1e9, count!, left)), [
    5000, 700, 5, 5000
  ])
})
