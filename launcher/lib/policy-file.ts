// Reads one policy file. A file that cannot be read is a problem in the list of all problems.

import { dirname, resolve } from 'node:path'
import type { Problem } from './problem.ts'
import { readRegularFile, whyUnreadable } from './read-regular-file.ts'
import { isWritableByAll } from './writable-by-all.ts'

/**
 * The content of a file, or why it cannot be read: the system's error code, such as ENOENT, or what it is instead. The
 * code of a file that every user can write is WRITABLE_BY_ALL: such a file limits no user.
 */
export type FileText = { readonly text: string } | { readonly code: string }
export type ReadFile = (file: string) => Promise<FileText>

const WRITABLE_BY_ALL = 'WRITABLE_BY_ALL'

/** Never rejects. */
export async function readPolicyFile (file: string): Promise<FileText> {
  try {
    const text = (await readRegularFile(file)).toString('utf8')
    return await isWritableByAll(file) ? { code: WRITABLE_BY_ALL } : { text }
  } catch (error) {
    return { code: whyUnreadable(error) }
  }
}

/** Resolves a path in a policy file: a relative path is relative to the folder of the file. */
export function besideFile (file: string, path: string): string {
  return resolve(dirname(file), path)
}

/** Returns undefined for an unreadable file and adds a problem, unless the file is missing and `mayBeMissing`. */
export async function policyText (
  read: ReadFile,
  file: string,
  problems: Problem[],
  { mayBeMissing = false, namedIn }: { mayBeMissing?: boolean; namedIn?: Problem } = {}
): Promise<string | undefined> {
  const found = await read(file)
  if ('text' in found) return found.text
  if (mayBeMissing && (found.code === 'ENOENT' || found.code === 'ENOTDIR')) return undefined
  const { code, problem } = found.code === WRITABLE_BY_ALL
    ? { code: 'FileNotTrusted', problem: `can be written by every user. Run: chmod o-w ${file}` } as const
    : { code: 'FileNotReadable', problem: `cannot be read (${found.code})` } as const
  problems.push(namedIn === undefined
    ? { file, problem, code }
    : { ...namedIn, problem: `${namedIn.problem} ${file}, which ${problem}` })
  return undefined
}
