// Circles in a graph: of files, or of rooms.

import type { Graph } from './imports.ts'

/** One circle for each edge that closes one, as the path from its least name back to it: `a > b > a`. */
export function circlesIn (graph: Graph): string[] {
  const circles = new Set<string>()
  const done = new Set<string>()
  const path: string[] = []

  function visit (name: string): void {
    const start = path.indexOf(name)
    if (start >= 0) circles.add(fromItsLeast(path.slice(start)))
    if (start >= 0 || done.has(name)) return
    path.push(name)
    for (const next of graph.get(name) ?? []) visit(next)
    path.pop()
    done.add(name)
  }

  for (const name of graph.keys()) visit(name)
  return [...circles].sort()
}

function fromItsLeast (circle: readonly string[]): string {
  const first = circle.indexOf([...circle].sort()[0]!)
  return [...circle.slice(first), ...circle.slice(0, first), circle[first]].join(' > ')
}
