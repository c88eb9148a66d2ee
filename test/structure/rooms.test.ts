import t from 'tap'
import type { Graph } from './imports.ts'
import { roomGraph, roomProblems, roomsOf, type Rooms } from './rooms.ts'

const graph = (imports: Record<string, string[]>): Graph => new Map(Object.entries(imports))
const house: Rooms = {
  folder: 'house/',
  rooms: [{ name: 'cellar', imports: [] }, { name: 'stove.ts', imports: [] }, { name: 'hall', imports: ['cellar'] }],
  above: ['roof.ts'],
  open: ['air.ts']
}
const sound = {
  'house/roof.ts': ['house/hall/door.ts', 'house/stove.ts'],
  'house/hall/door.ts': ['house/cellar/box.ts', 'house/hall/lock.ts', 'house/air.ts'],
  'house/hall/lock.ts': ['garden/tree.ts'],
  'house/cellar/box.ts': ['house/air.ts'],
  'house/stove.ts': [],
  'house/air.ts': [],
  'garden/tree.ts': []
}

t.test('rows of the tables become rooms, those of a prefix without it', async t => {
  const page = [
    '| room | holds | imports |',
    '| --- | --- | --- |',
    '| `launcher/lib/` | tools | – |',
    '| `launcher/app.ts` | all | lib |',
    '| `client/` | access | – |',
    '| `cache/` | views | client lib |'
  ].join('\n')
  t.strictSame(roomsOf(page, 'launcher/'), [{ name: 'lib', imports: [] }, { name: 'app.ts', imports: ['lib'] }])
  t.strictSame(roomsOf(page, ''), [{ name: 'client', imports: [] }, { name: 'cache', imports: ['client', 'lib'] }])
})

t.test('imports that the table allows are no problem', async t => {
  t.strictSame(roomProblems(graph(sound), house), [])
})

t.test('an import of a higher room, of one beside, and of a file above all rooms is a problem', async t => {
  t.strictSame(roomProblems(graph({ ...sound, 'house/cellar/box.ts': ['house/hall/door.ts'] }), house), [
    'house/cellar/box.ts imports house/hall/door.ts, and cellar must not import hall'
  ])
  t.strictSame(roomProblems(graph({ ...sound, 'house/hall/lock.ts': ['house/stove.ts'] }), house), [
    'house/hall/lock.ts imports house/stove.ts, and hall must not import stove.ts'
  ])
  t.strictSame(roomProblems(graph({ ...sound, 'house/hall/lock.ts': ['house/roof.ts'] }), house), [
    'house/hall/lock.ts imports house/roof.ts, which is above all rooms'
  ])
})

t.test('a room without a row, and a row without a room, are problems', async t => {
  t.strictSame(roomProblems(graph({ ...sound, 'house/attic/box.ts': [] }), house), ['house/attic has no row'])
  const { 'house/stove.ts': gone, ...rest } = { ...sound, 'house/roof.ts': [] }
  t.strictSame(roomProblems(graph(rest), house), ['house/stove.ts has a row and no file'])
})

t.test('a row that allows a room at or below itself is a problem', async t => {
  const rooms = [{ name: 'cellar', imports: ['hall', 'cellar'] }, { name: 'stove.ts', imports: [] }, house.rooms[2]!]
  t.strictSame(roomProblems(graph(sound), { ...house, rooms }), [
    'the row of cellar allows hall, which has no row before it',
    'the row of cellar allows cellar, which has no row before it'
  ])
})

t.test('the graph of the rooms has the imports between their files', async t => {
  const rooms = roomGraph(graph({ 'a/x': ['b/x', 'a/y'], 'a/y': ['c/x', 'top'], 'b/x': ['c/x'], top: ['a/x'] }), file =>
    file.includes('/') ? file.split('/')[0] : undefined
  )
  t.strictSame([...rooms], [['a', ['b', 'c']], ['b', ['c']]])
})
