import t from 'tap'
import { formatTable, type Column } from '../../../launcher/cli/table.ts'

const COLUMNS: ReadonlyArray<Column<[string, string, string]>> = [
  { title: 'ID', value: row => row[0] },
  { title: 'NAME', value: row => row[1], shrinkTo: 4 },
  { title: 'REASON', value: row => row[2], shrinkTo: 6 }
]

t.test('columns are as wide as their widest cell and lines end without spaces', async t => {
  t.equal(formatTable(COLUMNS, [['a1', 'quarterly report', ''], ['b', 'x', 'Exited']], undefined),
    'ID  NAME              REASON\na1  quarterly report\nb   x                 Exited\n')
})

t.test('on a narrow terminal the shrinkable columns shrink, the widest first', async t => {
  t.equal(
    formatTable(COLUMNS, [['a1', 'quarterly report', 'Exited']], 22),
    'ID  NAME        REASON\na1  quarterly…  Exited\n'
  )
})

t.test('a terminal narrower than the minimal table cuts the line', async t => {
  t.equal(formatTable(COLUMNS, [['a1', 'quarterly report', 'Exited']], 12), 'ID  NAME  R…\na1  qua…  E…\n')
})

t.test('a cell with terminal control characters is escaped', async t => {
  t.match(formatTable(COLUMNS, [['a', '\x1b[2J', '']], undefined), '\\x1b[2J')
})

t.test('a table without rows has its heading', async t => {
  t.equal(formatTable(COLUMNS, [], 80), 'ID  NAME  REASON\n')
})
