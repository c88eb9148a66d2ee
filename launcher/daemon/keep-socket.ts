// Opens the launcher's socket again when its file was removed, without a loss of connections.

import { once } from 'node:events'
import { lstat } from 'node:fs/promises'
import { createServer, type Server as NetServer } from 'node:net'
import type { Logger } from 'pino'
import { systemCode } from '../errors.ts'
import { singleFlight } from '../lib/single-flight.ts'
import type { Server } from '../http/service.ts'
import { BACKLOG, removeStale, secureSocket } from './listen.ts'

export interface KeptSocket {
  /** Looks at the file now and opens the socket again if it is gone. Never rejects. */
  look (): Promise<void>
  /** Accepts no more connections. Resolves when those that came through a socket opened again have ended. */
  close (): Promise<void>
}

/**
 * `path` is the socket that `server` listens on. The server keeps listening on the removed file, which no client can
 * reach; connections through the new one are handed to it.
 */
export async function keepSocket (
  server: Server,
  path: string,
  { owner, log }: { owner: { uid: number; gid: number } | undefined; log: Pick<Logger, 'warn' | 'error'> }
): Promise<KeptSocket> {
  let inode = await inodeOf(path)
  const doors: Door[] = []
  const look = singleFlight(lookNow)
  let closed = false
  let failed = false

  async function lookNow (): Promise<void> {
    try {
      const found = await inodeOf(path)
      if (closed || (found !== undefined && found === inode)) return
      await removeStale(path)
      // To close a door removes the file that it was opened with, so it must go before the next one opens.
      for (const { door } of doors) door.close()
      const door = await open()
      doors.push({ door, ended: once(door, 'close') })
      inode = await inodeOf(path)
      failed = false
      log.warn({ address: path }, 'removed socket open again')
    } catch (error) {
      if (!failed) log.error({ err: error, address: path }, 'removed socket not opened')
      failed = true
    }
  }

  function open (): Promise<NetServer> {
    const door = createServer({ allowHalfOpen: true }, socket => { server.server.emit('connection', socket) })
    return new Promise((resolve, reject) => {
      door.once('error', reject)
      door.listen({ path, backlog: BACKLOG }, () => {
        try {
          secureSocket(path, owner)
          resolve(door)
        } catch (error) {
          door.close()
          reject(error)
        }
      })
    })
  }

  return {
    look: look.run,
    async close () {
      closed = true
      await look.inProgress()
      for (const { door } of doors) door.close()
      await Promise.all(doors.map(({ ended }) => ended))
    }
  }
}

interface Door {
  readonly door: NetServer
  /** Resolves when it is closed and the last of its connections has ended. */
  readonly ended: Promise<unknown>
}

async function inodeOf (path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).ino
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}
