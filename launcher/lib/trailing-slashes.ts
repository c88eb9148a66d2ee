// Removes the slashes at the end of a path. A regular expression would start anew at each slash of a long run.

/** Returns the path without slashes at its end. A path of only slashes becomes empty. */
export function withoutTrailingSlashes (path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end -= 1
  return path.slice(0, end)
}
