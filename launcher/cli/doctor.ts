// job-launcher doctor: checks what a launcher with this configuration needs, and reports what to do.

import { setTimeout as delay } from 'node:timers/promises'
import type { PlacedFinding } from '../doctor/run-checks.ts'
import type { Command, CommandContext } from './command.ts'
import { CONFIG_OPTIONS, CONFIG_USAGE, configSource } from './config-source.ts'
import { findingText } from './finding-text.ts'
import { optionalText, positionalArguments } from './option-values.ts'
import { write, writeDocument } from './write.ts'

const SOMETHING_IS_MISSING = 1
const CLEAN_UP_MS = 3000

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check what the launcher and its clusters need, and report what to do',
  usage: `${CONFIG_USAGE} [--image IMAGE] [--json]`,
  options: {
    ...CONFIG_OPTIONS,
    image: {
      type: 'string',
      value: 'IMAGE',
      help: "Image of the jobs that check what containers can do; default: one that the cluster's policy names"
    },
    json: { type: 'boolean', help: 'As one JSON document, when all is checked' }
  },
  async run (context) {
    positionalArguments(context)
    const { values, stdout, env, loadPlugins, signal } = context
    const source = configSource(values)
    const [{ runChecks: examine }, { createLogger: makeLogger }, plugins] = await Promise.all([
      import('../doctor/run-checks.ts'),
      import('../daemon/logger.ts'),
      loadPlugins()
    ])
    // The findings have all information, so nothing is logged.
    const log = makeLogger('silent', { pretty: false, colors: false, destination: { write () {} } })
    const found: PlacedFinding[] = []
    const image = optionalText(values, 'image')
    const findings = examine({ source, plugins, environment: env, log, image, signal })
    for await (const finding of untilAborted(findings, signal)) {
      if (values.json !== true) {
        await write(stdout, headingOf(finding, found.at(-1)) + findingText(finding, hasColours(context)))
      }
      found.push(finding)
    }
    const ok = !signal.aborted && found.every(({ state }) => state !== 'missing')
    await writeDocument(context, { ok, findings: found }, attachmentsOf(found))
    return ok ? 0 : SOMETHING_IS_MISSING
  }
}

function headingOf ({ cluster }: PlacedFinding, before: PlacedFinding | undefined): string {
  return cluster === undefined || cluster === before?.cluster ? '' : `\nCluster ${cluster}\n`
}

function attachmentsOf (found: readonly PlacedFinding[]): string {
  const texts = new Set(found.map(({ attachment }) => attachment).filter(text => text !== undefined))
  return Array.from(texts, text => `\n${text}`).join('')
}

function hasColours ({ stdout, env }: CommandContext): boolean {
  return (stdout as { isTTY?: boolean }).isTTY === true && env.NO_COLOR === undefined
}

/** Ends when interrupted. The check in flight has a short time to remove what it made. */
async function * untilAborted<T> (
  items: AsyncGenerator<T>, signal: AbortSignal
): AsyncGenerator<T, void, undefined> {
  const aborted = new Promise<undefined>(resolve => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  while (true) {
    const next = await Promise.race([aborted, items.next()])
    if (next === undefined) {
      await Promise.race([items.return(undefined), delay(CLEAN_UP_MS)])
      return
    }
    if (next.done === true) return
    yield next.value
  }
}
