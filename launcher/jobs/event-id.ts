// The ids of events: the id of the database, and the revision in it (5f9a1b2c-176453).

import type { Store } from './store/store.ts'

/** What Last-Event-ID may be. A number alone is an id that an earlier launcher gave out. */
export const EVENT_ID = '^([0-9a-f]{8}-)?[0-9]{1,15}$'

export function eventId ({ databaseId }: Pick<Store, 'databaseId'>, revision: number): string {
  return `${databaseId()}-${revision}`
}

/** Returns Infinity, a revision that no database reaches, if the id is not one of this database. */
export function revisionOf ({ databaseId }: Pick<Store, 'databaseId'>, id: string): number {
  const prefix = `${databaseId()}-`
  return id.startsWith(prefix) ? Number(id.slice(prefix.length)) : Infinity
}
