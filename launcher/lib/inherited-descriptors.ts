// Finds what the launcher's parent left open in it.

import { closeSync, readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000

/**
 * Descriptors besides the standard three that a program started from here would get. Everything that Node opens is
 * closed in such a program, so these came from the parent: a lock, a listening socket.
 */
export function inheritedDescriptors (): number[] {
  return readdirSync('/proc/self/fd').map(Number).filter(descriptor => descriptor > 2 && isPassedOn(descriptor))
}

/** Closes them, so that no job gets them; a parent that talks to this process over an IPC channel keeps that. */
export function closeInheritedDescriptors (): void {
  if (process.channel !== undefined) return
  for (const descriptor of inheritedDescriptors()) closeSync(descriptor)
}

function isPassedOn (descriptor: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0
  } catch {
    return false
  }
}
