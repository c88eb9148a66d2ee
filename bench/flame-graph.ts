// Draws a CPU profile of Node as a flame graph: the share of time that each function was on the stack.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string, readonly url: string, readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const WIDTH = 1200
const ROW = 17
/** Narrower boxes are omitted. */
const MIN_PX = 1

/** Writes NAME.svg beside each NAME.cpuprofile and returns their paths. */
export function flameGraphs (folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter(name => name.endsWith('.cpuprofile')).map(name => {
    const file = join(folder, `${name}.svg`)
    writeFileSync(file, flameGraph(JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile))
    return file
  })
}

export function flameGraph ({ nodes, samples, timeDeltas }: CpuProfile): string {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const own = new Map<number, number>()
  samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + Math.max(0, timeDeltas[index]!)))
  const total = new Map<number, number>()
  // Children have higher ids than their parents.
  for (const { id, children = [] } of nodes.toSorted((a, b) => b.id - a.id)) {
    total.set(id, (own.get(id) ?? 0) + children.reduce((sum, child) => sum + total.get(child)!, 0))
  }
  const root = nodes[0]!
  const busy = total.get(root.id)! - idle()
  const parts: string[] = []
  let maxDepth = 0
  draw(root, 0, 0)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${(maxDepth + 1) * ROW}" ` +
    `font-family="monospace" font-size="11">\n${parts.join('\n')}\n</svg>\n`

  function idle (): number {
    return nodes
      .filter(({ callFrame }) => callFrame.functionName === '(idle)')
      .reduce((sum, { id }) => sum + total.get(id)!, 0)
  }

  function draw (node: ProfileNode, x: number, depth: number): void {
    maxDepth = Math.max(maxDepth, depth)
    let at = x
    for (const id of node.children ?? []) {
      const child = byId.get(id)!
      const { functionName, url, lineNumber } = child.callFrame
      const width = total.get(id)! / busy * WIDTH
      if (functionName === '(idle)' || width < MIN_PX) continue
      const name = functionName === '' ? '(anonymous)' : functionName
      const label = `${name} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}, ` +
        `${((width / WIDTH) * 100).toFixed(1)} %`
      parts.push(
        `<g><title>${escaped(label)}</title><rect x="${at.toFixed(1)}" y="${depth * ROW}" ` +
        `width="${width.toFixed(1)}" height="${ROW - 1}" fill="hsl(${(name.length * 47) % 60},70%,65%)"/>` +
          `<text x="${(at + 2).toFixed(1)}" ` +
          `y="${depth * ROW + 12}">${escaped(name.slice(0, Math.floor(width / 7)))}</text></g>`
      )
      draw(child, at, depth + 1)
      at += width
    }
  }
}

function escaped (text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`)
}
