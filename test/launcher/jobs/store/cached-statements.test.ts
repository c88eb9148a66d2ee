import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { cachedStatements } from '../../../../launcher/jobs/store/cached-statements.ts'

t.test('a statement is prepared once, until others were used more recently', async t => {
  const sqlite = new DatabaseSync(':memory:')
  t.teardown(() => sqlite.close())
  const texts: string[] = []
  const prepared = cachedStatements({
    prepare (sql) {
      texts.push(sql)
      return sqlite.prepare(sql)
    }
  }, 2)
  const [one, two, three] = ['SELECT 1 AS n', 'SELECT 2 AS n', 'SELECT 3 AS n'] as const
  const first = prepared(one)
  prepared(two)
  t.equal(prepared(one), first)
  t.equal(prepared(three).get()!.n, 3)
  t.equal(prepared(one), first, 'the one used least recently is dropped')
  prepared(two)
  t.strictSame(texts, [one, two, three, two])
})
