// Reads one file of a policy, and tells with the others' problems when it cannot be read.

import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { systemCode } from '../errors.ts'
import type { Problem } from './problem.ts'

/** What a file holds, or the system's code of why it cannot be read, such as ENOENT. */
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

/** Path of what a policy file names: one that is relative begins at the folder of the file. */
export function besideFile (file: string, path: string): string {
  return resolve(dirname(file), path)
}

/** Undefined when it cannot be read; that is in `problems`, but for a file that is not there and `mayBeMissing`. */
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
