import t from 'tap'
import { createLimitedLogs } from '../../../../plugins/kubernetes/process-logs/limited-logs.ts'

t.test('a job over its limit is reported once, and one within it, without a limit or unreadable is not', async t => {
  const sizes: Record<string, () => Promise<{ stdout?: number, stderr?: number }>> = {
    over: async () => ({ stdout: 600_000, stderr: 600_000 }),
    within: async () => ({ stdout: 1_000_000 }),
    unset: async () => ({ stdout: 9_000_000 }),
    unreadable: async () => { throw new Error('hung') }
  }
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const reported: string[] = []
  const looked = new Map<string, number>()
  const enough = Promise.withResolvers<void>()
  const logs = createLimitedLogs({
    async sizesOf (id) {
      looked.set(id, (looked.get(id) ?? 0) + 1)
      if (looked.get('unreadable') === 3) enough.resolve()
      return await sizes[id]!()
    },
    onOverLimit: id => { reported.push(id) },
    everyMs: 1
  })
  t.teardown(logs.close)
  for (const id of Object.keys(sizes)) logs.set(id, 1)
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
    async sizesOf (id) {
      looked[id as keyof typeof looked]++
      return { stdout: 1_000_000 }
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
