// The command `npm run bench`: measures figures beside their rivals and prints them as ratios with their targets.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatTable } from '../launcher/cli/table.ts'
import { isMet, type Figure, type Measurement } from './figure.ts'
import { figures } from './figures.ts'
import { flameGraphs } from './flame-graph.ts'
import { plot } from './plot.ts'
import { outOfRange, type Range } from './range.ts'

const USAGE = `npm run bench [-- NAME… --json --check --profile --plot FILE]

Measures each figure and its rival, and prints a table. Without a NAME, measures all, which takes 20 to 35 minutes.
  --json       print {"figures": […]} instead of the table
  --check      measure only the figures in bench/range.json; exit 1 if a ratio is out of range in three rounds
  --profile    keep a CPU profile and a flame graph of the launcher in bench-profiles/
  --plot FILE  write a bar chart of the throughput and the rivals as SVG
Figures:
${figures.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join('\n')}
`
/** The check fails after a figure is out of range in this many rounds. */
const CHECK_ROUNDS = 3

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    plot: { type: 'string' },
    help: { type: 'boolean', default: false }
  }
})
const progress = (line: string): void => { process.stderr.write(`${line}\n`) }
// Absolute, because the launcher changes its working directory.
const profile = options.profile ? resolve('bench-profiles') : undefined

/** The bench measures the published files. Only profiles use the sources, for their function names. */
function build (): void {
  progress('building dist/ …')
  execFileSync(process.execPath, [join(import.meta.dirname, '../scripts/build.ts')], {
    stdio: ['ignore', 'ignore', 'inherit']
  })
}

async function measured ({ name, measure }: Figure): Promise<readonly Measurement[]> {
  progress(`${name} …`)
  const measurements = await measure({
    progress: line => progress(`  ${line}`),
    profile: profile && join(profile, name),
    quick: options.check
  })
  if (profile !== undefined) flameGraphs(join(profile, name)).forEach(file => progress(`  ${file}`))
  return measurements
}

function targetText ({ target }: Measurement): string {
  if (target === undefined) return ''
  return 'min' in target ? `>= ${target.min}` : `<= ${target.max}`
}

function print (measurements: readonly Measurement[]): void {
  if (options.json) {
    const out = measurements.map(measurement => ({ ...measurement, met: isMet(measurement) ?? null }))
    process.stdout.write(`${JSON.stringify({ machine: machine(), figures: out }, undefined, 2)}\n`)
    return
  }
  process.stdout.write(`${machine()}\n${formatTable<Measurement>([
    { title: 'FIGURE', value: ({ name }) => name },
    { title: 'RATIO', value: ({ ratio }) => ratio.toFixed(2) },
    { title: 'TARGET', value: targetText },
    { title: 'MET', value: measurement => ({ true: 'yes', false: 'no', undefined: '' })[`${isMet(measurement)}`] },
    { title: 'VALUES', value: ({ detail }) => detail }
  ], measurements, undefined)}`)
}

function machine (): string {
  return `${cpus().length} cores (${cpus()[0]!.model.trim()}), Node ${process.versions.node}, ` +
    `${new Date().toISOString().slice(0, 10)}`
}

async function check (): Promise<number> {
  const range = JSON.parse(readFileSync(join(import.meta.dirname, 'range.json'), 'utf8')) as Range
  let wanted = figures.filter(({ name }) => Object.keys(range).some(key => key.split('/')[0] === name))
  for (let round = 1; ; round++) {
    const measurements = []
    for (const figure of wanted) measurements.push(...await measured(figure))
    print(measurements)
    const wrong = outOfRange(range, measurements)
    wrong.forEach(line => progress(`out of range, round ${round} of ${CHECK_ROUNDS}: ${line}`))
    if (wrong.length === 0 || round === CHECK_ROUNDS) return wrong.length
    wanted = wanted.filter(({ name }) => wrong.some(line => line.startsWith(`${name}/`)))
  }
}

if (options.help) {
  process.stdout.write(USAGE)
} else if (names.some(name => figures.every(figure => figure.name !== name))) {
  process.stderr.write(
    `There is no figure ${names.find(name => figures.every(figure => figure.name !== name))}.\n\n${USAGE}`
  )
  process.exitCode = 64
} else if (options.check) {
  build()
  process.exitCode = await check() === 0 ? 0 : 1
} else {
  build()
  if (profile !== undefined) mkdirSync(profile, { recursive: true })
  const measurements: Measurement[] = []
  for (const figure of figures.filter(({ name }) => names.length === 0 || names.includes(name))) {
    try {
      measurements.push(...await measured(figure))
    } catch (error) {
      // The results of the other figures must not be lost if one fails.
      progress(`${figure.name} failed: ${(error as Error).stack}`)
      process.exitCode = 1
    }
  }
  print(measurements)
  if (options.plot !== undefined) writeFileSync(options.plot, plot(measurements, machine()))
}
