// Finds the mount of a path in the text of /proc/self/mountinfo. Pure.

export interface Mount {
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** `path` is absolute and has no links. A later mount hides an earlier one at the same path. */
export function mountOf (mountinfo: string, path: string): Mount | undefined {
  const mounts = mountinfo.split('\n').map(mountIn).filter(mount => mount !== undefined)
  const above = mounts.filter(mount => `${path}/`.startsWith(mount.path === '/' ? '/' : `${mount.path}/`))
  const longest = Math.max(...above.map(mount => mount.path.length))
  return above.findLast(mount => mount.path.length === longest)
}

/** id, parent, device, root, path, options, optional fields, a hyphen, type, source, options of the file system. */
function mountIn (line: string): Mount | undefined {
  const [before, after] = line.split(' - ')
  const [, , , , path, options] = before!.split(' ')
  const [type, , more] = after?.split(' ') ?? []
  if (path === undefined || options === undefined || type === undefined) return undefined
  return { path: unescaped(path), type, options: [...options.split(','), ...(more?.split(',') ?? [])] }
}

/** The system writes spaces and some others as octal numbers. */
function unescaped (path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))
}
