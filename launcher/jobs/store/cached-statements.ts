// Caches the prepared statements of filters: these produce many SQL texts, but each open stream repeats its own.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { leastRecentlyUsed } from '../../lib/least-recently-used.ts'

const MAX_STATEMENTS = 32

/** The returned function prepares a statement, unless it is one of the last `maxStatements` that were used. */
export function cachedStatements (
  sqlite: Pick<DatabaseSync, 'prepare'>,
  maxStatements = MAX_STATEMENTS
): (sql: string) => StatementSync {
  const statements = leastRecentlyUsed<StatementSync>(maxStatements)
  return sql => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = sqlite.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
}
