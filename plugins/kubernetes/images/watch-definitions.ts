// Keeps the image definitions that are in force: reads the files again when they change, and keeps the old when the new are wrong.

import { watch, type FSWatcher } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { LauncherError, systemCode } from '../../../launcher/errors.ts'
import { parseDefinitions, type DefinitionText, type ImageDefinition } from './definition.ts'

export interface DefinitionsState {
  /** When the definitions in force were read (milliseconds since 1970). */
  readonly since: number
  /** Why what is in the files now is not in force. */
  readonly problem?: string
}

export interface WatchedDefinitions {
  /** What is in force. */
  current (): readonly ImageDefinition[]
  state (): DefinitionsState
  /** Looks at the files now. Resolves when what is in them is in force, or is known to be wrong. */
  look (): Promise<void>
  close (): void
}

export interface WatchOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** How often the files are looked at when no change is told: not every file system tells. */
  readonly lookEveryMs?: number
}

/** A file is written in more than one step; so long after the last one it is read. */
const SETTLE_MS = 100

/** Rejects with FileNotReadable or ConfInvalid, as a start must when its files are wrong. */
export async function watchDefinitions (files: readonly string[], { log, lookEveryMs = 30_000 }: WatchOptions): Promise<WatchedDefinitions> {
  let texts = await readAll(files)
  let definitions = parseDefinitions(texts)
  let state: DefinitionsState = { since: Date.now() }
  const watchers = new Map<string, FSWatcher>()
  let closed = false
  let settle: NodeJS.Timeout | undefined
  let looking = Promise.resolve()
  const timer = setInterval(look, lookEveryMs).unref()
  // The first look sees what changed before the folders were watched.
  await look()

  /** One look at a time; it never rejects. */
  function look (): Promise<void> {
    looking = looking.then(async () => {
      if (closed) return
      await watchFolders()
      try {
        const found = await readAll(files)
        if (state.problem === undefined && isSame(found, texts)) return
        const parsed = parseDefinitions(found)
        state = { since: isSame(found, texts) ? state.since : Date.now() }
        texts = found
        definitions = parsed
        log.info({ files, images: definitions.length }, 'the image definitions were read again and are in force')
      } catch (error) {
        refuse((error as Error).message)
      }
    })
    return looking
  }

  function refuse (problem: string): void {
    if (problem !== state.problem) log.warn({ files, problem }, 'the image definitions are wrong; those that were read before stay in force')
    state = { since: state.since, problem }
  }

  /** A file of a ConfigMap is a link, and what it leads to is swapped: both folders are watched, where it is named and where it is. */
  async function watchFolders (): Promise<void> {
    const real = await Promise.all(files.map(file => realpath(file).catch(() => file)))
    const folders = new Set([...files, ...real].map(file => dirname(file)))
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) if (!closed && !watchers.has(folder)) watchFolder(folder)
  }

  function watchFolder (folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        clearTimeout(settle)
        settle = setTimeout(look, SETTLE_MS).unref()
      })
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(folder)
      })
      watchers.set(folder, watcher)
    } catch {
      // No such folder now, or no watch to be had: the timer looks.
    }
  }

  function close (): void {
    closed = true
    clearInterval(timer)
    clearTimeout(settle)
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  return { current: () => definitions, state: () => state, look, close }
}

async function readAll (files: readonly string[]): Promise<DefinitionText[]> {
  return await Promise.all(files.map(async file => {
    try {
      return { file, text: await readFile(file, 'utf8') }
    } catch (error) {
      throw new LauncherError('FileNotReadable', `The image definitions ${file} cannot be read (${systemCode(error)}).`, { file }, { cause: error })
    }
  }))
}

function isSame (a: readonly DefinitionText[], b: readonly DefinitionText[]): boolean {
  return a.every(({ text }, index) => text === b[index]!.text)
}
