// Notes which clusters a database has adopted: it has had every job of these, and lost no key of them.

import type { Database } from './database.ts'

export interface AdoptedClusters {
  /** Stores that the database has had every job of the cluster. */
  setAdopted (cluster: string): Promise<void>
  wasAdopted (cluster: string): boolean
  /** Takes back every `setAdopted`. */
  forgetAdopted (): Promise<void>
}

export function createAdoptedClusters ({ sqlite, write }: Pick<Database, 'sqlite' | 'write'>): AdoptedClusters {
  const insert = sqlite.prepare('INSERT OR IGNORE INTO adopted_clusters VALUES (?)')
  const select = sqlite.prepare('SELECT 1 FROM adopted_clusters WHERE cluster = ?')
  return {
    setAdopted: cluster => write(() => { insert.run(cluster) }),
    wasAdopted: cluster => select.get(cluster) !== undefined,
    forgetAdopted: () => write(() => { sqlite.exec('DELETE FROM adopted_clusters') })
  }
}
