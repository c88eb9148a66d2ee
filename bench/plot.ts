// Draws the rates of the launcher and its rivals as horizontal bars in an SVG. Pure.

import type { Measurement } from './figure.ts'

const BAR = 18
const LEFT = 260
const WIDTH = 420
const COLOURS: Readonly<Record<string, string>> = { launcher: '#2563a8' }
const OTHER = '#b9c2cc'

export function plot (measurements: readonly Measurement[], caption: string): string {
  const groups = measurements.filter(({ rates }) => rates !== undefined)
  let y = 30
  const parts: string[] = []
  for (const { name, rates = {} } of groups) {
    const max = Math.max(...Object.values(rates))
    parts.push(`<text x="8" y="${y + 13}" font-weight="bold">${escaped(name)}</text>`)
    for (const [contender, rate] of Object.entries(rates)) {
      const width = Math.max(1, Math.round(rate / max * WIDTH))
      parts.push(`<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(contender)}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 3}" fill="${COLOURS[contender] ?? OTHER}"/>`,
        `<text x="${LEFT + width + 6}" y="${y + 13}">${Math.round(rate)}/s</text>`)
      y += BAR
    }
    y += BAR / 2
  }
  const size = `width="${LEFT + WIDTH + 80}" height="${y + 10}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="18" fill="#555">${escaped(caption)}</text>
${parts.join('\n')}
</svg>
`
}

function escaped (text: string): string {
  return text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`)
}
