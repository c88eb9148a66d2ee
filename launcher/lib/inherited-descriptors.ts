// Finds file descriptors that the launcher inherited from its parent.

import { closeSync, readdirSync, readFileSync } from 'node:fs'

const O_CLOEXEC = 0o2000000

/**
 * Returns the descriptors, apart from the standard three, that a child process would inherit. Node opens all its own
 * with close-on-exec, so these came from the parent, such as a lock or a listening socket.
 */
export function inheritedDescriptors (): number[] {
  return readdirSync('/proc/self/fd').map(Number).filter(descriptor => descriptor > 2 && isPassedOn(descriptor))
}

/** Closes them to keep them from jobs. Does nothing if the parent opened an IPC channel to this process. */
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
