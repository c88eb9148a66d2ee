// The rooms of the code, and what docs/guide/architecture.md allows each of them to import.

import type { Graph } from './imports.ts'

export interface Room {
  /** A folder, or a file that is a room by itself, below the folder of the rooms. */
  readonly name: string
  readonly imports: readonly string[]
}

/** A table of rooms, the lowest first. */
export interface Rooms {
  /** The folder that all of them are in, with a slash at its end. */
  readonly folder: string
  readonly rooms: readonly Room[]
  /** Files in the folder that are in no room: they may import every room. */
  readonly above: readonly string[]
  /** Files in the folder that every room may import. */
  readonly open: readonly string[]
}

/** The rows of the page's tables whose rooms begin with `prefix`, which is cut off. */
export function roomsOf (page: string, prefix: string): Room[] {
  return Array.from(page.matchAll(/^\| `([\w./-]+)` \| [^|]+ \| ([^|]+) \|$/gm), ([, name, imports]) => ({
    name: name!.replace(/\/$/, ''),
    imports: imports!.split(' ').filter(each => each !== '–')
  }))
    .filter(({ name }) => name.startsWith(prefix) && (prefix !== '' || !name.includes('/')))
    .map(({ name, imports }) => ({ name: name.slice(prefix.length), imports }))
}

export function roomProblems (graph: Graph, { folder, rooms, above, open }: Rooms): string[] {
  const roomOf = (file: string): string | undefined => {
    if (!file.startsWith(folder)) return undefined
    const rest = file.slice(folder.length)
    return above.includes(rest) || open.includes(rest) ? undefined : rest.split('/')[0]!
  }
  const problems = tableProblems(rooms)
  const found = new Set([...graph.keys()].map(roomOf))
  const between = new Map<string, Set<string>>()
  for (const room of found) {
    if (room === undefined) continue
    between.set(room, new Set())
    if (!rooms.some(({ name }) => name === room)) problems.push(`${folder}${room} has no row`)
  }
  for (const { name } of rooms) if (!found.has(name)) problems.push(`${folder}${name} has a row and no file`)
  for (const [file, imported] of graph) {
    const room = roomOf(file)
    if (room === undefined) continue
    const allowed = rooms.find(({ name }) => name === room)?.imports ?? []
    for (const other of imported) {
      const into = roomOf(other)
      if (above.some(name => other === folder + name)) {
        problems.push(`${file} imports ${other}, which is above all rooms`)
      }
      if (into === undefined || into === room) continue
      between.get(room)!.add(into)
      if (!allowed.includes(into)) problems.push(`${file} imports ${other}, and ${room} must not import ${into}`)
    }
  }
  return problems
}

/** A room is allowed to import rooms above it in the table only, so that the table has no circle. */
function tableProblems (rooms: readonly Room[]): string[] {
  return rooms.flatMap(({ name, imports }, at) =>
    imports
      .filter(into => !rooms.slice(0, at).some(room => room.name === into))
      .map(into => `the row of ${name} allows ${into}, which has no row before it`)
  )
}

/** Room to the rooms that its files import. */
export function roomGraph (graph: Graph, roomOf: (file: string) => string | undefined): Graph {
  const between = new Map<string, string[]>()
  for (const [file, imported] of graph) {
    const room = roomOf(file)
    if (room === undefined) continue
    const others = imported.map(roomOf).filter(other => other !== undefined && other !== room)
    between.set(room, [...new Set([...between.get(room) ?? [], ...others as string[]])])
  }
  return between
}
