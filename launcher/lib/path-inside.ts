// Tests whether one path is inside another.

import { relative } from 'node:path'

/** Returns true if the absolute `path` is `folder` or inside it. Does not follow links. */
export function pathInside (path: string, folder: string): boolean {
  const rest = relative(folder, path)
  return rest === '' || (rest !== '..' && !rest.startsWith('../'))
}
