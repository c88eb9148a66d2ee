// The id of a database, which is part of the ids of its events: those of another database mean nothing here.

import type { Database } from './database.ts'

export interface DatabaseId {
  databaseId (): string
  /** Gives the database another id, because it is a copy: the original may have given out other events since. */
  renewDatabaseId (): Promise<void>
}

export function createDatabaseId ({ sqlite, write }: Pick<Database, 'sqlite' | 'write'>): DatabaseId {
  const select = sqlite.prepare('SELECT database_id FROM event_ids')
  const read = (): string => select.get()!.database_id as string
  let id = read()
  return {
    databaseId: () => id,
    async renewDatabaseId () {
      await write(() => { sqlite.exec('UPDATE event_ids SET database_id = lower(hex(randomblob(4)))') })
      id = read()
    }
  }
}
