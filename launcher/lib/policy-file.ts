// Reads one policy file. A file that cannot be read is a problem in the list of all problems.

import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../errors.ts'
import type { Problem } from './problem.ts'

/** The content of a file, or the system's error code if it cannot be read, such as ENOENT. */
export type FileText = { readonly text: string } | { readonly code: string }
export type ReadFile = (file: string) => Promise<FileText>

/** Never rejects. */
export async function readPolicyFile (file: string): Promise<FileText> {
  try {
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
  problems.push(namedIn === undefined
    ? { file, problem: `cannot be read (${found.code})` }
    : { ...namedIn, problem: `${namedIn.problem} ${file}, which cannot be read (${found.code})` })
  return undefined
}
