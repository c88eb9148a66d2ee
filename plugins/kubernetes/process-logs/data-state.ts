// Knows whether the data of the host can take process logs now, and why not.

import { join } from 'node:path'
import type { Logger } from 'pino'
import { RetryableError } from '../../../launcher/errors.ts'
import { HOUR_MS } from '../../../launcher/lib/duration.ts'
import { ownUserName } from '../../../launcher/lib/users.ts'
import type { ProcessLogs } from '../config/process-logs.ts'
import { createDataIdentity, OtherDataError } from './data-identity.ts'
import { isFull } from './data-room.ts'
import type { FormerFolders } from './former-folders.ts'
import type { LogFiles } from './log-files.ts'
import { logFolderProblem, type LogFolderProblem } from './log-folder-problem.ts'

export interface DataState {
  /** Undefined if new jobs can have process logs in the data. */
  problem (): LogFolderProblem | undefined
  /** Writes to the data to learn whether the launcher can, and reads its free space. Never rejects. */
  check (): Promise<void>
  /**
   * A pod could not write its process logs: the nodes may have other data at the same path. With `auto`, later jobs use
   * the logs of the nodes for an hour, and after each further failure twice as long, at most a day.
   */
  failedInPod (): void
  /** Free bytes of the file system of the data, as the last check read them. Undefined if it could not. */
  freeBytes (): number | undefined
  /** Rejects with RetryableError if the data is not the one that was used before, or with a system error. */
  requireSame (): Promise<void>
  /** Rejects as `requireSame`, and with RetryableError if the data is full. */
  requireRoom (): Promise<void>
}

interface DataStateOptions {
  readonly config: ProcessLogs
  /** Undefined if the configuration has no path of the data. */
  readonly files: LogFiles | undefined
  /** The launcher's own folder of process logs, relative to the data. */
  readonly parent: string
  /** Path of a link that remembers the data. */
  readonly link: string
  readonly former: Pick<FormerFolders, 'note'>
  readonly log: Logger
  /** Called when the launcher can write process logs again. */
  readonly onUsable: () => void
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number
}

const LONGEST_WAIT_MS = 24 * HOUR_MS

export function createDataState (
  { config, files, parent, link, former, log, onUsable, now = () => performance.now() }: DataStateOptions
): DataState {
  if (files === undefined || config.dataPath === undefined) return withoutPath()
  const { dataPath, mode } = config
  const place = join(dataPath, parent)
  const identify = createDataIdentity({ files, dataPath, parent, link, former })
  let freeBytes: number | undefined
  let full = false
  /** When jobs use the data again after a pod could not. */
  let againAt = -Infinity
  let waitMs = 0
  let problem: LogFolderProblem | undefined = {
    message: `The launcher has not written to the data ${dataPath} yet.`, help: 'Wait a few seconds.'
  }

  async function readProblem (): Promise<LogFolderProblem | undefined> {
    const leftMs = againAt - now()
    if (leftMs > 0) return failedInPod(place, leftMs)
    try {
      await identify()
      await readSpace()
      if (full) return noRoom()
      await files!.probe(parent)
    } catch (error) {
      freeBytes = undefined
      return error instanceof OtherDataError
        ? error.problem
        : logFolderProblem(error, { dataPath, folder: config.folder }, ownUserName())
    }
    return undefined
  }

  async function readSpace (): Promise<void> {
    const space = await files!.space()
    freeBytes = space.freeBytes
    full = isFull(space, full)
  }

  function noRoom (): LogFolderProblem & { readonly reason: 'DataFull' } {
    return {
      message: `The file system of the data ${dataPath} has only ${freeBytes} bytes free.`,
      help: 'Free space.',
      reason: 'DataFull'
    }
  }

  async function check (): Promise<void> {
    const before = problem
    problem = await readProblem()
    if (problem === undefined && before !== undefined) {
      log.info({ folder: place }, 'process logs are written to the data')
      onUsable()
    }
    // A number of free bytes is no other problem.
    if (problem !== undefined && withoutNumber(problem.message) !== withoutNumber(before?.message)) {
      log.warn({ folder: place, problem: problem.message, help: problem.help },
        'process logs cannot be written to the data')
    }
  }

  async function requireSame (): Promise<void> {
    try {
      await identify()
    } catch (error) {
      if (error instanceof OtherDataError) problem ??= error.problem
      throw error
    }
  }

  return {
    problem: () => problem,
    check,
    failedInPod () {
      if (mode !== 'auto' || now() < againAt) return
      waitMs = waitAfter(now() - againAt, waitMs)
      againAt = now() + waitMs
      check()
    },
    freeBytes: () => freeBytes,
    requireSame,
    async requireRoom () {
      await requireSame()
      await readSpace()
      if (!full) return
      problem ??= noRoom()
      const { message, help, reason } = noRoom()
      throw new RetryableError(`${message} ${help}`, { reason })
    }
  }
}

/** How long jobs use the logs of the nodes after a pod failed `usedMs` after the last wait. */
function waitAfter (usedMs: number, lastMs: number): number {
  return usedMs > 2 * lastMs ? HOUR_MS : Math.min(2 * lastMs, LONGEST_WAIT_MS)
}

function failedInPod (place: string, leftMs: number): LogFolderProblem {
  return {
    message: `A pod could not write to its process logs in ${place}. Jobs try again ` +
      `${leftMs > HOUR_MS ? `in ${Math.ceil(leftMs / HOUR_MS)} hours` : 'within an hour'}.`,
    help: 'Run job-launcher doctor. A restart of the launcher tries again at once.'
  }
}

function withoutNumber (message: string | undefined): string | undefined {
  return message?.replace(/ \d+ (?:bytes|hours)/, '')
}

function withoutPath (): DataState {
  const problem = {
    message: 'The launcher has no path of the data.', help: 'Set data-dir-path (Launcher.DataDirPath).'
  }
  const reject = async (): Promise<void> => { throw new RetryableError(`${problem.message} ${problem.help}`) }
  return {
    problem: () => problem,
    check: async () => {},
    failedInPod () {},
    freeBytes: () => undefined,
    requireSame: reject,
    requireRoom: reject
  }
}
