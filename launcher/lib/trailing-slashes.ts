// Removes the slashes at the end of a path. A regular expression would start anew at each slash of a long run.

/** The path without slashes at its end; a path of slashes only is empty then. */
export function withoutTrailingSlashes (path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}
