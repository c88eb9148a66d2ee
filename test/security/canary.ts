// Searches for secret values in every form in which a program might write them.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Place } from '../e2e/launcher-process.ts'

/** Values that no program makes by chance, by the name of what they stand for. */
export type Canaries = Readonly<Record<string, string>>

export interface Find {
  readonly where: string
  readonly canary: string
}

/** Each canary in the text or bytes: verbatim, as base64 at any offset, hexadecimal, JSON or part of an address. */
export function findCanaries (canaries: Canaries, where: string, content: string | Uint8Array): Find[] {
  const text =
    typeof content === 'string'
      ? content
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1')
  return Object.entries(canaries)
    .filter(([, value]) => formsOf(value).some(form => text.includes(form)))
    .map(([canary]) => ({ where, canary }))
}

/** Every file in the launcher's folders that contains a canary. */
export function filesWithCanaries (
  canaries: Canaries,
  { folder, scratchPath, configDir }: Pick<Place, 'folder' | 'scratchPath' | 'configDir'>
): Find[] {
  return [scratchPath, configDir]
    .flatMap(root => readdirSync(root, { recursive: true, encoding: 'utf8' }).map(name => join(root, name)))
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .flatMap(path => findCanaries(canaries, relative(folder, path), readFileSync(path)))
}

function formsOf (value: string): string[] {
  const bytes = Buffer.from(value)
  // In base64 the surroundings of a value change its first and last characters.
  const base64 = [0, 1, 2].map(shift =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(shift === 0 ? 0 : 4, -4)
  )
  return [
    value,
    bytes.toString('latin1'),
    ...base64,
    bytes.toString('hex'),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value)
  ]
}
