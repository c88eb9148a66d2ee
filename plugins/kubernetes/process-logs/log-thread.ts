// The thread of log-files.ts: makes the calls that may wait for a network file system, one after the other.

import { parentPort, workerData } from 'node:worker_threads'
import { diskSpace } from '../../../launcher/lib/disk-full.ts'
import {
  changedMs,
  createLogFolder,
  fileExists,
  listFolder,
  logSizes,
  markData,
  probeLogs,
  readLog,
  readLogInto,
  showsOnOpen,
  writtenBytes
} from './log-folder.ts'
import type { Reply, Request } from './log-files.ts'
import type { LogReader } from './open-as-reader.ts'
import { removeEmpty, removeSome } from './remove-folder.ts'

const port = parentPort!
const { root } = workerData as { root: string }

type Reader = LogReader | undefined

const CALLS = {
  create: ([folder]) => createLogFolder(root, folder as string),
  read: ([path, offset, length, reader]) =>
    readLog(root, path as string, offset as number, length as number, reader as Reader),
  readInto: ([path, offset, length, memory, reader]) =>
    readLogInto(
      root, path as string, offset as number, length as number, memory as SharedArrayBuffer, reader as Reader
    ),
  sizes: ([folder]) => logSizes(root, folder as string),
  writtenBytes: ([folders]) => writtenBytes(root, folders as string[]),
  removeSome: ([folder, limit]) => removeSome(root, folder as string, limit as number),
  removeEmpty: ([folder, top]) => removeEmpty(root, folder as string, top as string),
  exists: ([path]) => fileExists(root, path as string),
  mark: ([path]) => markData(root, path as string),
  changedMs: ([path]) => changedMs(root, path as string),
  list: ([folder]) => listFolder(root, folder as string),
  space: () => diskSpace(root),
  showsOnOpen: () => showsOnOpen(root),
  probe: ([parent]) => probeLogs(root, parent as string)
} satisfies Record<Request['call'], (args: Request['args']) => unknown>

port.on('message', (requests: Request[]) => { requests.forEach(answer) })

function answer ({ number, call, args }: Request): void {
  try {
    const value: unknown = CALLS[call](args)
    const data = (value as { data?: Uint8Array<ArrayBuffer> } | undefined)?.data
    port.postMessage({ number, value } satisfies Reply, data === undefined ? [] : [data.buffer])
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    port.postMessage({ number, failed: { message, code } } satisfies Reply)
  }
}
