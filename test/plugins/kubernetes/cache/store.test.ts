import t from 'tap'
import { createStore } from '../../../../plugins/kubernetes/cache/store.ts'

const object = (uid: string, version: string, name = uid) => ({ metadata: { uid, resourceVersion: version, name } })

function cache (changed: (uid: string) => void = () => {}) {
  const told: unknown[] = []
  const failures: string[] = []
  const views = createStore<string>({
    project: ({ metadata }: ReturnType<typeof object>) => {
      if (metadata.name === 'bad') throw new TypeError('cannot be projected')
      return metadata.name === 'stranger' ? undefined : metadata.name
    },
    changed (uid, view, previous) {
      told.push([uid, view, previous])
      changed(uid)
    },
    failed: (error, uid) => failures.push(`${uid}: ${(error as Error).message}`)
  })
  return { ...views, told, failures }
}

t.test('each change is told once, with what was known before', async t => {
  const { put, remove, told, views } = cache()
  put(object('a', '1', 'one'))
  put(object('a', '1', 'one'))
  put(object('a', '2', 'two'))
  t.strictSame([...views], [['a', 'two']])
  put(object('a', '1', 'late'))
  remove(object('a', '3', 'last'))
  remove(object('a', '3', 'last'))
  t.strictSame(told, [['a', 'one', undefined], ['a', 'two', 'one'], ['a', 'last', 'two'], ['a', undefined, 'last']])
  t.equal(views.size, 0)
})

t.test('only what is newer is taken', async t => {
  const { put, told, views } = cache()
  put(object('a', '9', 'nine'))
  for (const version of ['8', '9', '0']) put(object('a', version, 'old'))
  t.equal(views.get('a'), 'nine')
  put(object('a', '10', 'ten'))
  t.equal(views.get('a'), 'ten', 'versions are numbers and not text')
  put(object('a', 'x', 'unknown'))
  put(object('a', 'x', 'the same'))
  t.equal(views.get('a'), 'unknown', 'whatever is no number counts as newer unless it is the same')
  put({ metadata: { uid: 'a', name: 'without' } } as never)
  t.equal(views.get('a'), 'without')
  t.equal(told.length, 4)
})

t.test('what was deleted does not come back by older news, such as a late answer', async t => {
  const { put, remove, told, views } = cache()
  put(object('a', '1'))
  remove(object('a', '3'))
  remove(object('b', '3'))
  told.length = 0
  put(object('a', '2'))
  put(object('b', '2'))
  t.strictSame([[...views], told], [[], []])
  for (let count = 0; count < 10_000; count++) remove(object(`other ${count}`, '4'))
  put(object('a', '2'))
  t.strictSame([...views], [['a', 'a']], 'not all deletions are remembered')
})

t.test('what a whole list lacks is gone', async t => {
  const { put, keepOnly, told, views } = cache()
  for (const uid of ['a', 'b', 'c']) put(object(uid, '1'))
  keepOnly(new Set(['b']))
  t.strictSame([...views.keys()], ['b'])
  t.strictSame(told.slice(3), [['a', undefined, 'a'], ['c', undefined, 'c']])
})

t.test('objects that are not ours, or have no uid, are not kept', async t => {
  const { put, remove, told } = cache()
  put(object('a', '1', 'stranger'))
  put({})
  remove({})
  t.strictSame(told, [])
})

t.test('whatever a handler or a projection throws stops nothing', async t => {
  const { put, remove, failures, views } = cache(uid => { if (uid === 'a') throw new TypeError('handler') })
  put(object('a', '1'))
  put(object('b', '1', 'bad'))
  put(object('c', '1'))
  remove(object('a', '2'))
  t.strictSame([...views.keys()], ['c'])
  t.strictSame(failures, ['a: handler', 'b: cannot be projected', 'a: handler', 'a: handler'])
})

t.test('what is told to be gone without its last state stays gone', async t => {
  const { put, lose, remove, told, views } = cache()
  put(object('a', '1', 'one'))
  lose('a')
  lose('a')
  put(object('a', '2', 'two'))
  remove(object('a', '3', 'last'))
  t.strictSame(told, [['a', 'one', undefined], ['a', undefined, 'one']])
  t.equal(views.size, 0)
})
