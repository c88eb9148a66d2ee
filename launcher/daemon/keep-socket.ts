// Opens the launcher's socket again if its file was removed, without losing connections.

import { once } from 'node:events'
import { lstat } from 'node:fs/promises'
import { createServer, type Server as NetServer } from 'node:net'
import type { Logger } from 'pino'
import { systemCode } from '../errors.ts'
import { singleFlight } from '../lib/single-flight.ts'
import type { Server } from '../http/service.ts'
import { BACKLOG, removeStale, secureSocket } from './listen.ts'

export interface KeptSocket {
  /** Checks the file now and opens the socket again if it is gone. Never rejects. */
  check (): Promise<void>
  /** Accepts no more connections. Resolves when all connections through reopened sockets have ended. */
  close (): Promise<void>
}

/**
 * `path` is the socket that `server` listens on. The server keeps listening on the removed file, which clients cannot
 * reach any more. It also gets the connections through the new socket.
 */
export async function keepSocket (
  server: Server,
  path: string,
  { owner, log }: { owner: { uid: number; gid: number } | undefined; log: Pick<Logger, 'warn' | 'error'> }
): Promise<KeptSocket> {
  let inode = await inodeOf(path)
  const reopened: ReopenedSocket[] = []
  const checks = singleFlight(checkNow)
  let closed = false
  let failed = false

  async function checkNow (): Promise<void> {
    try {
      const found = await inodeOf(path)
      if (closed || (found !== undefined && found === inode)) return
      await removeStale(path)
      // Closing a listener removes the file at its path, so it must close before the next one opens.
      for (const { listener } of reopened) listener.close()
      const listener = await open()
      reopened.push({ listener, ended: once(listener, 'close') })
      inode = await inodeOf(path)
      failed = false
      log.warn({ address: path }, 'removed socket open again')
    } catch (error) {
      if (!failed) log.error({ err: error, address: path }, 'removed socket not opened')
      failed = true
    }
  }

  function open (): Promise<NetServer> {
    const listener = createServer({ allowHalfOpen: true }, socket => { server.server.emit('connection', socket) })
    return new Promise((resolve, reject) => {
      listener.once('error', reject)
      listener.listen({ path, backlog: BACKLOG }, () => {
        try {
          secureSocket(path, owner)
          resolve(listener)
        } catch (error) {
          listener.close()
          reject(error)
        }
      })
    })
  }

  return {
    check: checks.run,
    async close () {
      closed = true
      await checks.inProgress()
      for (const { listener } of reopened) listener.close()
      await Promise.all(reopened.map(({ ended }) => ended))
    }
  }
}

interface ReopenedSocket {
  readonly listener: NetServer
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
