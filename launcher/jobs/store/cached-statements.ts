// Caches the prepared statements of filters: these produce many SQL texts, but each open stream repeats its own.

import type { DatabaseSync, StatementSync } from 'node:sqlite'

const MAX_STATEMENTS = 32

/** The returned function prepares a statement, unless it is one of the last `maxStatements` that were used. */
export function cachedStatements (
  sqlite: Pick<DatabaseSync, 'prepare'>,
  maxStatements = MAX_STATEMENTS
): (sql: string) => StatementSync {
  // A Map keeps the order in which its keys were set, so the first key is the least recently used.
  const statements = new Map<string, StatementSync>()
  return sql => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql)
    statements.delete(sql)
    statements.set(sql, statement)
    if (statements.size > maxStatements) statements.delete(statements.keys().next().value!)
    return statement
  }
}
