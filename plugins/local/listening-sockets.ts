// Finds in the kernel's tables which users listen on a port.

import { readFileSync } from 'node:fs'

export type Protocol = 'TCP' | 'UDP'

/** State in the kernel's tables of a listening TCP socket and of a bound UDP socket. */
const LISTENS: Readonly<Record<Protocol, string>> = { TCP: '0A', UDP: '07' }
/**
 * Local addresses that a connection to 127.0.0.1 reaches, as the tables write them: any, loopback, and both in IPv6.
 */
const REACHED = new Set([
  '00000000',
  '0100007F',
  '0'.repeat(32),
  '0000000000000000FFFF00000100007F'
])

/** Returns the user ids by port, from the text of /proc/net/tcp, tcp6, udp or udp6. Pure. */
export function listeningUsers (table: string, protocol: Protocol): Map<number, Set<number>> {
  const users = new Map<number, Set<number>>()
  for (const line of table.split('\n').slice(1)) {
    const [, local, , state, , , , uid] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local?.split(':') ?? []
    if (state !== LISTENS[protocol] || !REACHED.has(address)) continue
    const number = Number.parseInt(port, 16)
    users.set(number, (users.get(number) ?? new Set()).add(Number(uid)))
  }
  return users
}

/**
 * Whether this user's processes, and no other user's, accept connections to 127.0.0.1 on the port. Reads kernel memory,
 * so it does not wait for a disk.
 */
export function listensAs (uid: number, port: number, protocol: Protocol): boolean {
  const users = ['', '6'].flatMap(family => [...listeningUsers(readTable(protocol, family), protocol).get(port) ?? []])
  return users.length > 0 && users.every(user => user === uid)
}

/** A machine without IPv6 has no tables for it. */
function readTable (protocol: Protocol, family: string): string {
  try {
    return readFileSync(`/proc/net/${protocol.toLowerCase()}${family}`, 'latin1')
  } catch {
    return ''
  }
}
