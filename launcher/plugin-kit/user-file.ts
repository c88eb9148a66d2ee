// Reads a file that a job's user named, in a process that runs as that user. The launcher itself neither opens nor
// stats the path. The path may lead to a file, a FIFO or a device that only the launcher's user may access. It may also
// lead to a file system that does not answer, and block one of the few threads that sync the launcher's database.

import { spawn, type ChildProcess } from 'node:child_process'

export interface UserFile {
  /** Bytes of the file when it was opened. */
  readonly size: number
  /** Resolves with the next bytes, the first from the offset on; empty at the end. Rejects with UserFileError. */
  read (): Promise<Uint8Array>
  close (): void
}

/** The file cannot be read. The message completes a sentence that begins with the file. */
export class UserFileError extends Error {}

interface UserFileOptions {
  /** Program and arguments that run a command as the user; empty if that is the launcher's own user. */
  readonly become: readonly string[]
  /** Longest time without an answer, in milliseconds. */
  readonly timeoutMs?: number
}

export interface UserFileReader {
  /** Resolves with undefined if there is no such file. Rejects with UserFileError. */
  open (path: string, offset: number, options: UserFileOptions): Promise<UserFile | undefined>
}

const TIMEOUT_MS = 10_000
/** Most processes that read files of one user at the same time. */
const MAX_PER_USER = 32

/** Checks type and owner of the open descriptor, because the path may lead to another file a moment later. */
const SCRIPT = `
  if [ -L "$1" ]; then exit 5; fi
  if [ -e "$1" ] && ! [ -f "$1" ]; then exit 4; fi
  command exec 3< "$1" || exit 3
  [ -f /proc/self/fd/3 ] || exit 4
  [ -O /proc/self/fd/3 ] || exit 6
  stat -L -c %s /proc/self/fd/3
  exec tail -c "+$(($2 + 1))" <&3 3<&-`

const REFUSED: Readonly<Record<number, string>> = {
  4: 'is not a regular file',
  5: 'is a symbolic link',
  6: "belongs to another user than the job's"
}

export function createUserFileReader (): UserFileReader {
  const inUse = new Map<string, number>()

  function release (user: string): void {
    const remaining = inUse.get(user)! - 1
    if (remaining === 0) inUse.delete(user)
    else inUse.set(user, remaining)
  }

  return {
    async open (path, offset, { become, timeoutMs = TIMEOUT_MS }) {
      const user = become.join(' ')
      const count = inUse.get(user) ?? 0
      if (count >= MAX_PER_USER) {
        throw new UserFileError(`cannot be read now: ${count} reads of this user are in progress`)
      }
      inUse.set(user, count + 1)
      const [file, ...args] = [...become, '/bin/sh', '-c', SCRIPT, 'sh', path, String(offset)]
      const child = spawn(file!, args, {
        cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe']
      })
      child.once('close', () => release(user))
      return await readHeader(child, timeoutMs)
    }
  }
}

async function readHeader (child: ChildProcess, timeoutMs: number): Promise<UserFile | undefined> {
  let errors = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { errors = (errors + text).slice(0, 1000) })
  const closed = new Promise<number>(resolve => {
    child.once('error', error => {
      errors ||= error.message
      resolve(-1)
    })
    child.once('close', code => resolve(code ?? -1))
  })
  const chunks: AsyncIterator<Buffer> = child.stdout![Symbol.asyncIterator]()

  async function next (): Promise<Buffer | undefined> {
    let timer: NodeJS.Timeout | undefined
    const timedOut = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        child.kill('SIGKILL')
        child.stdout!.destroy()
        reject(new UserFileError(`did not answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
    })
    try {
      const { value } = await Promise.race([chunks.next(), timedOut])
      if (value !== undefined) return value as Buffer
      const code = await Promise.race([closed, timedOut])
      if (code === 0) return undefined
      throw new UserFileError(REFUSED[code] ?? `cannot be opened (${reasonOf(errors)})`)
    } finally {
      clearTimeout(timer)
    }
  }

  let rest = Buffer.alloc(0)
  try {
    while (!rest.includes('\n')) {
      const chunk = await next()
      if (chunk === undefined) throw new UserFileError('cannot be read')
      rest = Buffer.concat([rest, chunk])
    }
  } catch (error) {
    if (error instanceof UserFileError && /No such file/.test(errors)) return undefined
    throw error
  }
  const end = rest.indexOf('\n')
  const size = Number(rest.toString('latin1', 0, end))
  rest = rest.subarray(end + 1)
  return {
    size,
    async read () {
      if (rest.length === 0) return await next() ?? new Uint8Array()
      const first = rest
      rest = Buffer.alloc(0)
      return first
    },
    close () {
      child.kill('SIGKILL')
      child.stdout!.destroy()
    }
  }
}

/** A shell writes "sh: 1: cannot open PATH: Permission denied". */
function reasonOf (errors: string): string {
  return /: ([^:\n]+)\n?$/.exec(errors)?.[1] ?? 'the process that reads it ended'
}
