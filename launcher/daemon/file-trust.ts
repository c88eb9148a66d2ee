// Decides from owner and mode whether only the operator can write a file, and whether other users can read a key.

/** What stat returns of a file. */
export interface FileFacts {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

export interface TrustProblem {
  /** Follows the file's name: "has mode 0777, so …". */
  readonly problem: string
  /** A command that corrects it, without the file's name. */
  readonly command: string
}

const WRITABLE_BY_OTHERS = 0o022
const KEY_MODE = 0o077
/** A key that root mounts into a container for a group may be read by that group. */
const MOUNTED_KEY_MODE = 0o037

/** Returns why a user other than `owners` could have written it; undefined if none could. Pure. */
export function whyWritable ({ uid, mode }: FileFacts, owners: readonly number[]): TrustProblem | undefined {
  if (!owners.includes(uid)) {
    return {
      problem: `belongs to user id ${uid}, who can write it and so decide what the launcher does`,
      command: `chown ${owners[0]}`
    }
  }
  if ((mode & WRITABLE_BY_OTHERS) === 0) return undefined
  return {
    problem: `has mode ${octal(mode)}, so users other than its owner can write it and decide what the launcher does`,
    command: 'chmod go-w'
  }
}

/** Returns why a user other than `owners` could read or replace the key; undefined if none could. Pure. */
export function whyExposed ({ uid, mode }: FileFacts, owners: readonly number[]): TrustProblem | undefined {
  if (!owners.includes(uid)) {
    return { problem: `belongs to user id ${uid}, who can read and replace the key`, command: `chown ${owners[0]}` }
  }
  if ((mode & (uid === 0 ? MOUNTED_KEY_MODE : KEY_MODE)) === 0) return undefined
  return {
    problem: `has mode ${octal(mode)}, so users other than its owner can read or replace the key`,
    command: 'chmod 600'
  }
}

function octal (mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
