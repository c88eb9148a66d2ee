// Holds a cluster's policy and reads its files again when they change. The old policy stays in force if the new files
// are invalid.

import { watch, type FSWatcher } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { problemsError } from '../lib/problem.ts'
import { readPolicyFile, type FileText, type ReadFile } from '../lib/policy-file.ts'
import type { PluginContext } from '../plugin.ts'

/**
 * Creates a policy from its files, which it reads with `read`. Rejects with the error of `problemsError`, which lists
 * all problems of all files.
 */
export type LoadPolicy<Policy> = (read: ReadFile) => Promise<Policy>

export interface LoadedPolicy<Policy> {
  /** Immutable, so that each decision is based on one content of all files. */
  readonly policy: Policy
  /** When it came into force (milliseconds since 1970). */
  readonly since: number
  /** When the files were last checked (milliseconds since 1970). */
  readonly lastTried: number
  /** Why the present content of the files is not in force. */
  readonly problem?: string
}

export interface PolicyReloader<Policy> {
  current (): LoadedPolicy<Policy>
  /** Checks the files now. Resolves when their content is in force or known to be invalid. */
  refresh (): Promise<void>
  /**
   * Loads the policy with another function, now and from now on. Rejects as that function does, or with ConfInvalid if
   * a file in use was removed. The old function and the old policy then stay.
   */
  replace (load: LoadPolicy<Policy>): Promise<void>
  close (): void
}

export interface PolicyReloaderOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Called after each attempt to load a new content of the files. */
  readonly onLoad?: (ok: boolean) => void
  /** How often the files are checked without a notification. Not every file system sends notifications. */
  readonly pollIntervalMs?: number
}

/** The options of a plugin whose policy decides how many jobs may run, and which first. */
export function reportingLoads (
  context: Pick<PluginContext, 'log' | 'counts' | 'startRulesChanged'>
): PolicyReloaderOptions {
  return {
    log: context.log,
    onLoad (ok) {
      context.counts.policyLoaded(ok)
      if (ok) context.startRulesChanged()
    }
  }
}

interface LoadAttempt<Policy> {
  readonly files: ReadonlyMap<string, FileText>
  readonly outcome: { readonly policy: Policy } | { readonly error: unknown }
}

/** A file may be written in several steps. It is read this long after the last one. */
const SETTLE_MS = 100

/** Rejects as `first` does: a launcher must not start with invalid files. */
export async function openPolicyReloader<Policy> (
  first: LoadPolicy<Policy>,
  { log, onLoad = () => {}, pollIntervalMs = 30_000 }: PolicyReloaderOptions
): Promise<PolicyReloader<Policy>> {
  let load = first
  let lastAttempt = await tryToLoad(load)
  if ('error' in lastAttempt.outcome) throw lastAttempt.outcome.error
  onLoad(true)
  let filesInForce = lastAttempt.files
  let loaded: LoadedPolicy<Policy> = { policy: lastAttempt.outcome.policy, since: Date.now(), lastTried: Date.now() }
  const watchers = new Map<string, FSWatcher>()
  let closed = false
  let settleTimer: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()
  const timer = setInterval(refresh, pollIntervalMs).unref()
  // Finds changes that were made before the folders were watched.
  await refresh()

  function serialize<T> (work: () => Promise<T>): Promise<T> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  /** Runs one check at a time. Never rejects. */
  function refresh (): Promise<void> {
    return serialize(refreshNow)
  }

  async function refreshNow (): Promise<void> {
    if (closed) return
    await watchFolders()
    if (await isUnchanged(lastAttempt.files)) {
      loaded = { ...loaded, lastTried: Date.now() }
      return
    }
    lastAttempt = await tryToLoad(load)
    const vanished = vanishedFile(lastAttempt.files, filesInForce)
    if ('error' in lastAttempt.outcome) reject((lastAttempt.outcome.error as Error).message)
    else if (vanished !== undefined) reject(vanishedText(vanished))
    else accept(lastAttempt.files, lastAttempt.outcome.policy)
    // A file that is named for the first time is watched from now on. It may have changed since it was read.
    await refreshNow()
  }

  function replace (next: LoadPolicy<Policy>): Promise<void> {
    return serialize(async () => {
      const found = await tryToLoad(next)
      if ('error' in found.outcome) {
        // The files in force may have the same problem.
        await refreshNow()
        throw found.outcome.error
      }
      const vanished = vanishedFile(found.files, filesInForce)
      if (vanished !== undefined) {
        await refreshNow()
        throw problemsError('ConfInvalid', [{ file: vanished, problem: VANISHED }])
      }
      load = next
      lastAttempt = found
      accept(found.files, found.outcome.policy)
      await refreshNow()
    })
  }

  function accept (read: LoadAttempt<Policy>['files'], policy: Policy): void {
    const lastTried = Date.now()
    loaded = { policy, since: haveSameContent(read, filesInForce) ? loaded.since : lastTried, lastTried }
    filesInForce = read
    onLoad(true)
    log.info({ files: [...filesInForce.keys()] }, 'policy files reloaded')
  }

  function reject (problem: string): void {
    if (problem !== loaded.problem) {
      log.warn({ problem }, 'policy files invalid, old policy kept')
    }
    loaded = { ...loaded, lastTried: Date.now(), problem }
    onLoad(false)
  }

  /**
   * Watches two folders for each file: that of its path and that of its target. A file of a ConfigMap is a link whose
   * target is replaced.
   */
  async function watchFolders (): Promise<void> {
    const named = [...new Set([...lastAttempt.files.keys(), ...filesInForce.keys()])]
    const targets = await Promise.all(named.map(file => realpath(file).catch(() => file)))
    const folders = new Set([...named, ...targets].map(file => dirname(file)))
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
        clearTimeout(settleTimer)
        settleTimer = setTimeout(refresh, SETTLE_MS).unref()
      })
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(folder)
      })
      watchers.set(folder, watcher)
    } catch {
      // The folder does not exist now, or no watch is available. The timer checks the files.
    }
  }

  function close (): void {
    closed = true
    clearInterval(timer)
    clearTimeout(settleTimer)
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  return { current: () => loaded, refresh, replace, close }
}

/** Records each file that is read. Reads a file that is named twice only once. */
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
 * Returns a file in force that is missing now, although `found` still names it. Some files may be missing at the start,
 * but their later removal must not lift limits.
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

async function isUnchanged (files: ReadonlyMap<string, FileText>): Promise<boolean> {
  return haveSameContent(
    files,
    new Map(await Promise.all(Array.from(files.keys(), async file => [file, await readPolicyFile(file)] as const)))
  )
}

function haveSameContent (a: ReadonlyMap<string, FileText>, b: ReadonlyMap<string, FileText>): boolean {
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
