// Remembers the folders of process logs that the launcher used before its settings named another (log-dir), until no
// output is left in them. Each is a symbolic link in the scratch path to the marker of data-identity.ts that it has.

import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { pathInside } from '../../../launcher/lib/path-inside.ts'
import { linkTarget, setLink } from './link-target.ts'

export interface FormerFolders {
  /** The launcher's own folders, relative to the data. */
  all (): readonly string[]
  /** Notes the folder of this marker, which the launcher used until now. */
  note (marker: string): Promise<void>
  forget (folder: string): Promise<void>
}

export interface FormerFoldersOptions {
  readonly dataPath: string
  /** The launcher's own folder of process logs, relative to the data. */
  readonly parent: string
  /** The link that remembers the data. It still leads to the folder before until the data could be checked. */
  readonly link: string
}

export function createFormerFolders ({ dataPath, parent, link }: FormerFoldersOptions): FormerFolders {
  const notes = `${link}.former`
  const found = [link, ...namesIn(notes).map(name => join(notes, name))].map(linkTarget)
  const folders = new Set(found.filter(marker => marker !== undefined).map(folderOf).filter(isOwn))

  function folderOf (marker: string): string {
    return relative(dataPath, dirname(marker))
  }

  /** The folder of another instance, or of another cluster, has jobs of which this launcher knows nothing. */
  function isOwn (folder: string): boolean {
    return pathInside(join(dataPath, folder), dataPath) && ownPart(folder) === ownPart(parent)
  }

  return {
    all: () => [...folders].filter(folder => folder !== parent),
    async note (marker) {
      const folder = folderOf(marker)
      if (!isOwn(folder)) return
      folders.add(folder)
      await setLink(join(notes, basename(marker)), marker)
    },
    async forget (folder) {
      folders.delete(folder)
      for (const path of namesIn(notes).map(name => join(notes, name))) {
        if (folderOf(linkTarget(path) ?? '') === folder) await rm(path)
      }
    }
  }
}

/** The folder of all launchers in which a launcher has its own for a cluster. */
export function logDirOf (folder: string): string {
  return dirname(dirname(folder))
}

/** INSTANCE/CLUSTER */
function ownPart (folder: string): string {
  return relative(logDirOf(folder), folder)
}

function namesIn (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
