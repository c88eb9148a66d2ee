// Decides whether a job's own processes are those that listen on a port.

import { opendir, readlink } from 'node:fs/promises'
import { createEventLoopBudget } from '../../launcher/lib/event-loop-budget.ts'
import { readListeningSockets, type ListeningSocket } from './listening-sockets.ts'

export interface PortOwner {
  /**
   * Resolves with whether the processes have all sockets that accept connections to 127.0.0.1 on the TCP port.
   * `known` has the sockets that were found to be theirs before, and gets those that are found now.
   */
  isOwn (port: number, pids: () => Promise<readonly number[]>, known: Set<number>): Promise<boolean>
}

/** Milliseconds per event-loop iteration for reading descriptors, whose number programs choose. */
const TURN_MS = 5

export function createPortOwner (
  listening: (port: number) => Promise<readonly ListeningSocket[]> = readListeningSockets
): PortOwner {
  const yieldIfBusy = createEventLoopBudget({ ms: TURN_MS })

  /** Removes the sockets that the process has from `wanted`. */
  async function find (pid: number, wanted: Set<number>): Promise<void> {
    const folder = `/proc/${pid}/fd`
    try {
      for await (const { name } of await opendir(folder)) {
        await yieldIfBusy()
        const target = await readlink(`${folder}/${name}`).catch(() => '')
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
        if (inode !== undefined) wanted.delete(Number(inode))
        if (wanted.size === 0) return
      }
    } catch {
      // The process has ended, or it is one whose descriptors this launcher may not read.
    }
  }

  return {
    async isOwn (port, pids, known) {
      const sockets = await listening(port)
      const wanted = new Set(sockets.map(({ inode }) => inode).filter(inode => !known.has(inode)))
      if (sockets.length === 0) return false
      if (wanted.size > 0) {
        const found = new Set(wanted)
        for (const pid of await pids()) {
          if (wanted.size > 0) await find(pid, wanted)
        }
        for (const inode of found) if (!wanted.has(inode)) known.add(inode)
      }
      return wanted.size === 0
    }
  }
}
