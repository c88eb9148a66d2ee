// Holds a cluster's policy: what its policy files say, read again when they change; the old one stays when the new is
// wrong.

import { watch, type FSWatcher } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { problemsError } from '../lib/problem.ts'
import { readPolicyFile, type FileText, type ReadFile } from '../lib/policy-file.ts'

/**
 * Makes a policy of what its files say, all of them read with `read`. Rejects with ConfInvalid that tells all problems
 * of all files.
 */
export type LoadPolicy<Policy> = (read: ReadFile) => Promise<Policy>

export interface LoadedPolicy<Policy> {
  /** Immutable: what is decided with it is decided with one content of all files. */
  readonly policy: Policy
  /** When it came into force (milliseconds since 1970). */
  readonly since: number
  /** When the files were last looked at (milliseconds since 1970). */
  readonly lastTried: number
  /** Why what is in the files now is not in force. */
  readonly problem?: string
}

export interface PolicyReloader<Policy> {
  current (): LoadedPolicy<Policy>
  /** Looks at the files now. Resolves when what is in them is in force, or is known to be wrong. */
  refresh (): Promise<void>
  /** Takes another way to load, with whatever is in the files now. Rejects as it does, and keeps the old one. */
  replace (load: LoadPolicy<Policy>): Promise<void>
  close (): void
}

export interface PolicyReloaderOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Called for each content of the files that was tried. */
  readonly onLoad?: (ok: boolean) => void
  /** How often the files are looked at when no change is told: not every file system tells. */
  readonly pollIntervalMs?: number
}

interface LoadAttempt<Policy> {
  readonly files: ReadonlyMap<string, FileText>
  readonly outcome: { readonly policy: Policy } | { readonly error: unknown }
}

/** A file is written in more than one step; so long after the last one it is read. */
const SETTLE_MS = 100

/** Rejects as `load` does, as a start must when its files are wrong. */
export async function openPolicyReloader<Policy> (
  first: LoadPolicy<Policy>,
  { log, onLoad = () => {}, pollIntervalMs = 30_000 }: PolicyReloaderOptions
): Promise<PolicyReloader<Policy>> {
  let load = first
  let last = await tryToLoad(load)
  if ('error' in last.outcome) throw last.outcome.error
  onLoad(true)
  let files = last.files
  let state: LoadedPolicy<Policy> = { policy: last.outcome.policy, since: Date.now(), lastTried: Date.now() }
  const watchers = new Map<string, FSWatcher>()
  let closed = false
  let settle: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()
  const timer = setInterval(refresh, pollIntervalMs).unref()
  // The first look sees what changed before the folders were watched.
  await refresh()

  function serialize<T> (work: () => Promise<T>): Promise<T> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  /** One look at a time; it never rejects. */
  function refresh (): Promise<void> {
    return serialize(refreshNow)
  }

  async function refreshNow (): Promise<void> {
    if (closed) return
    await watchFolders()
    if (await isAsRead(last.files)) {
      state = { ...state, lastTried: Date.now() }
      return
    }
    last = await tryToLoad(load)
    const vanished = vanishedFile(last.files, files)
    if ('error' in last.outcome) refuse((last.outcome.error as Error).message)
    else if (vanished !== undefined) refuse(vanishedText(vanished))
    else take(last.files, last.outcome.policy)
    // What is named for the first time is watched from now on, and may have changed since it was read.
    await refreshNow()
  }

  function replace (next: LoadPolicy<Policy>): Promise<void> {
    return serialize(async () => {
      const found = await tryToLoad(next)
      if ('error' in found.outcome) {
        // What is wrong may be in the files that are in force, too.
        await refreshNow()
        throw found.outcome.error
      }
      const vanished = vanishedFile(found.files, files)
      if (vanished !== undefined) {
        await refreshNow()
        throw problemsError('ConfInvalid', [{ file: vanished, problem: VANISHED }])
      }
      load = next
      last = found
      take(found.files, found.outcome.policy)
      await refreshNow()
    })
  }

  function take (read: LoadAttempt<Policy>['files'], policy: Policy): void {
    const lastTried = Date.now()
    state = { policy, since: isSame(read, files) ? state.since : lastTried, lastTried }
    files = read
    onLoad(true)
    log.info({ files: [...files.keys()] }, 'the policy files were read again and are in force')
  }

  function refuse (problem: string): void {
    if (problem !== state.problem) {
      log.warn({ problem }, 'the policy files are wrong; what was read before stays in force')
    }
    state = { ...state, lastTried: Date.now(), problem }
    onLoad(false)
  }

  /**
   * A file of a ConfigMap is a link, and what it leads to is swapped: both folders are watched, where it is named and
   * where it is.
   */
  async function watchFolders (): Promise<void> {
    const named = [...new Set([...last.files.keys(), ...files.keys()])]
    const real = await Promise.all(named.map(file => realpath(file).catch(() => file)))
    const folders = new Set([...named, ...real].map(file => dirname(file)))
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
        settle = setTimeout(refresh, SETTLE_MS).unref()
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

  return { current: () => state, refresh, replace, close }
}

/** Notes each file that is read; one that is named twice is read once. */
async function tryToLoad<Policy> (load: LoadPolicy<Policy>): Promise<LoadAttempt<Policy>> {
  const reads = new Map<string, Promise<FileText>>()
  function read (file: string): Promise<FileText> {
    const found = reads.get(file) ?? readPolicyFile(file)
    reads.set(file, found)
    return found
  }
  const outcome = await load(read).then(policy => ({ policy }), (error: unknown) => ({ error }))
  const files = await Promise.all(Array.from(reads, async ([file, found]) => [file, await found] as const))
  return { outcome, files: new Map(files) }
}

const VANISHED = 'was removed while it was in use, so what it contained stays in force. Restore it, or empty it to ' +
  'end its limits'

function vanishedText (file: string): string {
  return `${file} ${VANISHED}.`
}

/**
 * Returns a file in force that is missing now, although `found` still names it. The removal of a file that may be
 * missing at the start must not lift limits.
 */
function vanishedFile (
  found: ReadonlyMap<string, FileText>,
  inForce: ReadonlyMap<string, FileText>
): string | undefined {
  for (const [file, now] of found) {
    const before = inForce.get(file)
    if ('code' in now && before !== undefined && 'text' in before) return file
  }
  return undefined
}

async function isAsRead (files: ReadonlyMap<string, FileText>): Promise<boolean> {
  return isSame(
    files,
    new Map(await Promise.all(Array.from(files.keys(), async file => [file, await readPolicyFile(file)] as const)))
  )
}

function isSame (a: ReadonlyMap<string, FileText>, b: ReadonlyMap<string, FileText>): boolean {
  return (
    a.size === b.size &&
    Array.from(a).every(([file, found]) => {
      const other = b.get(file)
      return (
        other !== undefined &&
        ('text' in found ? 'text' in other && found.text === other.text : 'code' in other && found.code === other.code)
      )
    })
  )
}
