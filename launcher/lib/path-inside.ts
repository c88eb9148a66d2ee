// Says whether one path lies in another.

import { relative } from 'node:path'

/** True when absolute `path` is `folder` or lies in it. Links are not followed. */
export function pathInside (path: string, folder: string): boolean {
  const rest = relative(folder, path)
  return rest === '' || (rest !== '..' && !rest.startsWith('../'))
}
