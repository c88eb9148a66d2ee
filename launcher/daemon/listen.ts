// Binds the server to its address: a Unix socket that only its owner may use, or TCP.

import { once } from 'node:events'
import { chmodSync, chownSync, lstatSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { LauncherError, systemCode } from '../errors.ts'
import type { LauncherConfig } from '../config/launcher-config.ts'
import type { Server } from '../http/service.ts'

/**
 * Clients that can connect while the launcher is busy. The kernel rejects more (EAGAIN), and limits this number to
 * net.core.somaxconn.
 */
export const BACKLOG = 4096

type Address = LauncherConfig['server']['address']

/**
 * Listens and returns the address for the ready line: the socket's path, HOST:PORT, or https://HOST:PORT with TLS.
 * `owner` becomes the owner of the socket. The process's umask must exclude other users, to keep them from connecting
 * before the mode is set. Rejects with AddressTaken or SettingsInvalid.
 */
export async function listen (
  server: Server,
  address: Address,
  owner: { uid: number; gid: number } | undefined
): Promise<string> {
  if ('socket' in address) {
    const path = address.socket
    await removeStale(path)
    try {
      await server.listen({ path, backlog: BACKLOG })
    } catch (error) {
      throw notListening(error, address)
    }
    secureSocket(path, owner)
    return path
  }
  const { host, port } = address
  try {
    await server.listen({ host, port, backlog: BACKLOG })
  } catch (error) {
    throw notListening(error, address)
  }
  const bound = server.server.address()
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port
  const secure = server.server instanceof TlsServer
  return `${secure ? 'https://' : ''}${host.includes(':') ? `[${host}]` : host}:${boundPort}`
}

/** Gives only the owner access to the socket. */
export function secureSocket (path: string, owner: { uid: number; gid: number } | undefined): void {
  chmodSync(path, 0o600)
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
}

/** Removes a socket that no process listens on. Throws AddressTaken for anything else. */
export async function removeStale (path: string): Promise<void> {
  if (await isStale(path)) rmSync(path, { force: true })
}

/**
 * Checks, for `doctor`, that a launcher could listen on the address now. Uses a TCP port for a moment. Rejects as
 * `listen` does.
 */
export async function checkAddress (address: Address): Promise<void> {
  if ('socket' in address) {
    await isStale(address.socket)
    return
  }
  const server = createServer()
  try {
    server.listen({ ...address })
    await once(server, 'listening')
  } catch (error) {
    throw notListening(error, address)
  } finally {
    server.close()
  }
}

/** Resolves with whether the path is a socket that no process listens on. Rejects with AddressTaken for other files. */
async function isStale (path: string): Promise<boolean> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return false
  if (!found.isSocket()) {
    throw new LauncherError(
      'AddressTaken',
      `${path} (Launcher.Address) exists and is not a socket. The launcher does not replace it.`,
      { address: path }
    )
  }
  if (await answers(path)) throw addressTaken(path)
  return true
}

function answers (path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => { socket.destroy(); resolve(true) })
    socket.once('error', error => resolve(systemCode(error) !== 'ECONNREFUSED'))
  })
}

function notListening (error: unknown, address: Address): LauncherError {
  const shown = 'socket' in address ? address.socket : `${address.host}:${address.port}`
  return systemCode(error) === 'EADDRINUSE'
    ? addressTaken(shown, error)
    : new LauncherError(
      'SettingsInvalid',
      `Launcher.Address: cannot listen on ${shown}: ${(error as Error).message}.`,
      {},
      { cause: error }
    )
}

function addressTaken (address: string, cause?: unknown): LauncherError {
  return new LauncherError(
    'AddressTaken',
    `Another process listens on ${address} (Launcher.Address).`,
    { address },
    { cause }
  )
}
