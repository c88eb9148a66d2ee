import t from 'tap'
import { createStore } from '../../../../plugins/kubernetes/cache/store.ts'

const object = (uid: string, version: string, name = uid) => ({ metadata: { uid, resourceVersion: version, name } })

function recordingStore (changed: (uid: string) => void = () => {}) {
  const changes: unknown[] = []
  const failures: string[] = []
  const views = createStore<string>({
    transform: ({ metadata }: ReturnType<typeof object>) => {
      if (metadata.name === 'bad') throw new TypeError('cannot be transformed')
      return metadata.name === 'stranger' ? undefined : metadata.name
    },
    changed (uid, view, previous) {
      changes.push([uid, view, previous])
      changed(uid)
    },
    failed: (error, uid) => failures.push(`${uid}: ${(error as Error).message}`)
  })
  return { ...views, changes, failures }
}

t.test('each change is reported once, with the previous view', async t => {
  const { put, remove, changes, views } = recordingStore()
  put(object('a', '1', 'one'))
  put(object('a', '1', 'one'))
  put(object('a', '2', 'two'))
  t.strictSame([...views], [['a', 'two']])
  put(object('a', '1', 'late'))
  remove(object('a', '3', 'last'))
  remove(object('a', '3', 'last'))
  t.strictSame(changes, [['a', 'one', undefined], ['a', 'two', 'one'], ['a', 'last', 'two'], ['a', undefined, 'last']])
  t.equal(views.size, 0)
})

t.test('only a newer version is stored', async t => {
  const { put, changes, views } = recordingStore()
  put(object('a', '9', 'nine'))
  for (const version of ['8', '9', '0']) put(object('a', version, 'old'))
  t.equal(views.get('a'), 'nine')
  put(object('a', '10', 'ten'))
  t.equal(views.get('a'), 'ten', 'versions are compared as numbers')
  put(object('a', 'x', 'unknown'))
  put(object('a', 'x', 'the same'))
  t.equal(views.get('a'), 'unknown', 'a version that is not a number counts as newer unless it is equal')
  put({ metadata: { uid: 'a', name: 'without' } } as never)
  t.equal(views.get('a'), 'without')
  t.equal(changes.length, 4)
})

t.test('a deleted object is not restored by an older version, such as a late reply', async t => {
  const { put, remove, changes, views } = recordingStore()
  put(object('a', '1'))
  remove(object('a', '3'))
  remove(object('b', '3'))
  changes.length = 0
  put(object('a', '2'))
  put(object('b', '2'))
  t.strictSame([[...views], changes], [[], []])
  for (let count = 0; count < 10_000; count++) remove(object(`other ${count}`, '4'))
  put(object('a', '2'))
  t.strictSame([...views], [['a', 'a']], 'the oldest deletions are forgotten')
})

t.test('an object missing from a complete list is reported as deleted', async t => {
  const { put, retainOnly: keepOnly, changes, views } = recordingStore()
  for (const uid of ['a', 'b', 'c']) put(object(uid, '1'))
  keepOnly(new Set(['b']))
  t.strictSame([...views.keys()], ['b'])
  t.strictSame(changes.slice(3), [['a', undefined, 'a'], ['c', undefined, 'c']])
})

t.test('objects of others, or without a uid, are not stored', async t => {
  const { put, remove, changes } = recordingStore()
  put(object('a', '1', 'stranger'))
  put({})
  remove({})
  t.strictSame(changes, [])
})

t.test('an error of the handler or of the transform goes to failed and stops nothing', async t => {
  const { put, remove, failures, views } = recordingStore(uid => { if (uid === 'a') throw new TypeError('handler') })
  put(object('a', '1'))
  put(object('b', '1', 'bad'))
  put(object('c', '1'))
  remove(object('a', '2'))
  t.strictSame([...views.keys()], ['c'])
  t.strictSame(failures, ['a: handler', 'b: cannot be transformed', 'a: handler', 'a: handler'])
})

t.test('an object marked as deleted without its last state stays deleted', async t => {
  const { put, markDeleted: lose, remove, changes, views } = recordingStore()
  put(object('a', '1', 'one'))
  lose('a')
  lose('a')
  put(object('a', '2', 'two'))
  remove(object('a', '3', 'last'))
  t.strictSame(changes, [['a', 'one', undefined], ['a', undefined, 'one']])
  t.equal(views.size, 0)
})
