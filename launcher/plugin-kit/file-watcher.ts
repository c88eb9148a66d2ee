// Notifies the readers of a file when it grows. All readers of one file share one watch.

import { watch, type FSWatcher } from 'node:fs'

export interface FileWatcher {
  /**
   * Calls `onChange` whenever the file may have grown, until the returned function is called. A call may be lost.
   */
  watch (path: string, onChange: () => void): () => void
  close (): void
}

interface WatchedFile {
  readonly watcher: FSWatcher
  readonly readers: Set<() => void>
}

export function createFileWatcher (): FileWatcher {
  const files = new Map<string, WatchedFile>()

  function openFile (path: string): WatchedFile | undefined {
    const opened = files.get(path)
    if (opened !== undefined) return opened
    try {
      const readers = new Set<() => void>()
      const watcher = watch(path, { persistent: false }, () => { for (const onChange of readers) onChange() })
      watcher.on('error', () => closeFile(path))
      files.set(path, { watcher, readers })
      return files.get(path)
    } catch {
      // The file does not exist yet, or no watch is available. Readers also poll.
      return undefined
    }
  }

  function closeFile (path: string): void {
    files.get(path)?.watcher.close()
    files.delete(path)
  }

  return {
    watch (path, onChange) {
      const file = openFile(path)
      file?.readers.add(onChange)
      return () => {
        file?.readers.delete(onChange)
        if (file !== undefined && file.readers.size === 0 && files.get(path) === file) closeFile(path)
      }
    },
    close () {
      for (const path of [...files.keys()]) closeFile(path)
    }
  }
}
