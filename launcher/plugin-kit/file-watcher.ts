// Tells the readers of a file that it grew: one watch a file, however many read it.

import { watch, type FSWatcher } from 'node:fs'

export interface FileWatcher {
  /**
   * Calls `ring` whenever the file may have grown, until the function it returns is called. A lost call is possible.
   */
  watch (path: string, onChange: () => void): () => void
  close (): void
}

interface Watched {
  readonly watcher: FSWatcher
  readonly readers: Set<() => void>
}

export function createFileWatcher (): FileWatcher {
  const files = new Map<string, Watched>()

  function watched (path: string): Watched | undefined {
    const known = files.get(path)
    if (known !== undefined) return known
    try {
      const readers = new Set<() => void>()
      const watcher = watch(path, { persistent: false }, () => { for (const onChange of readers) onChange() })
      watcher.on('error', () => drop(path))
      files.set(path, { watcher, readers })
      return files.get(path)
    } catch {
      // No such file yet, or no watch to be had: readers look again by themselves.
      return undefined
    }
  }

  function drop (path: string): void {
    files.get(path)?.watcher.close()
    files.delete(path)
  }

  return {
    watch (path, onChange) {
      const file = watched(path)
      file?.readers.add(onChange)
      return () => {
        file?.readers.delete(onChange)
        if (file !== undefined && file.readers.size === 0 && files.get(path) === file) drop(path)
      }
    },
    close () {
      for (const path of [...files.keys()]) drop(path)
    }
  }
}
