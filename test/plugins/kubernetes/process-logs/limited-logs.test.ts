import t from 'tap'
import { createLimitedLogs } from '../../../../plugins/kubernetes/process-logs/limited-logs.ts'

t.test('a job over its limit is reported once, and one within it, without a limit or unreadable is not', async t => {
  const written: Record<string, number> = { over: 1_200_000, within: 1_000_000, unset: 9_000_000, unreadable: 0 }
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const reported: string[] = []
  const looked = new Map<string, number>()
  const enough = Promise.withResolvers<void>()
  const logs = createLimitedLogs({
    async writtenBytes (ids) {
      for (const id of ids) looked.set(id, (looked.get(id) ?? 0) + 1)
      if (looked.get('unreadable') === 3) enough.resolve()
      if (looked.get('unreadable') === 2) throw new Error('hung')
      return ids.map(id => written[id]!)
    },
    onOverLimit: id => { reported.push(id) },
    everyMs: 1
  })
  t.teardown(logs.close)
  for (const id of Object.keys(written)) logs.set(id, 1)
  logs.set('unset', undefined)
  await enough.promise
  t.strictSame(reported, ['over'])
  t.equal(looked.get('over'), 1)
  t.equal(looked.get('unset'), undefined)
})

t.test('a job that is far below its limit is looked at less often, and at once after its limit changed', async t => {
  const looked = { near: 0, far: 0 }
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const logs = createLimitedLogs({
    async writtenBytes (ids) {
      for (const id of ids) looked[id as keyof typeof looked]++
      return ids.map(() => 1_000_000)
    },
    onOverLimit: id => { over.resolve(id) },
    everyMs: 1
  })
  const over = Promise.withResolvers<string>()
  t.teardown(logs.close)
  logs.set('near', 1)
  logs.set('far', 3_600_000)
  while (looked.near < 5) await new Promise(resolve => setTimeout(resolve, 1))
  logs.set('far', 3_600_000)
  while (looked.near < 10) await new Promise(resolve => setTimeout(resolve, 1))
  t.equal(looked.far, 1)
  logs.set('far', 0.5)
  t.equal(await over.promise, 'far')
})

t.test('many jobs are looked at with few calls, and each gets its own size', async t => {
  const calls: number[] = []
  const over: string[] = []
  const both = Promise.withResolvers<void>()
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const logs = createLimitedLogs({
    async writtenBytes (ids) {
      calls.push(ids.length)
      return ids.map(id => id === '7' || id === '101' ? 2_000_000 : 0)
    },
    onOverLimit (id) {
      if (over.push(id) === 2) both.resolve()
    },
    everyMs: 1
  })
  t.teardown(logs.close)
  for (let job = 0; job < 120; job++) logs.set(String(job), 1)
  await both.promise
  t.strictSame(over, ['7', '101'])
  t.strictSame(calls.slice(0, 3), [50, 50, 20])
})

t.test('nothing is looked at after the end', async t => {
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const first = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  let calls = 0
  const logs = createLimitedLogs({
    async writtenBytes (ids) {
      calls++
      first.resolve()
      await answer.promise
      return ids.map(() => 0)
    },
    onOverLimit () {},
    everyMs: 1
  })
  for (let job = 0; job < 120; job++) logs.set(String(job), 1)
  await first.promise
  logs.close()
  answer.resolve()
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(calls, 1)
})
