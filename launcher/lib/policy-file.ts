// Reads one policy file. A file that cannot be read is a problem in the list of all problems.

import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../errors.ts'
import type { Problem } from './problem.ts'
import { isWritableByAll } from './writable-by-all.ts'

/**
 * The content of a file, or the system's error code if it cannot be read, such as ENOENT. The code of a file that every
 * user can write is WRITABLE_BY_ALL: such a file limits no user.
 */
export type FileText = { readonly text: string } | { readonly code: string }
export type ReadFile = (file: string) => Promise<FileText>

const WRITABLE_BY_ALL = 'WRITABLE_BY_ALL'

/** Never rejects. */
export async function readPolicyFile (file: string): Promise<FileText> {
  try {
    if (await isWritableByAll(file)) return { code: WRITABLE_BY_ALL }
    return { text: await readFile(file, 'utf8') }
  } catch (error) {
    return { code: systemCode(error) ?? String(error) }
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
  const problem = found.code === WRITABLE_BY_ALL
    ? `can be written by every user. Run: chmod o-w ${file}`
    : `cannot be read (${found.code})`
  problems.push(namedIn === undefined
    ? { file, problem }
    : { ...namedIn, problem: `${namedIn.problem} ${file}, which ${problem}` })
  return undefined
}
