// Histories on this machine. Programs are shells that note each of their runs in a file.

import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { inputOf, type World } from './world.ts'

/** A program that was asked to end, or whose group was killed, is gone within this many milliseconds. */
const GONE_MS = 5000

export function localWorld (t: Pick<Test, 'teardown'>): World {
  const folder = mkdtempSync(join(tmpdir(), 'jl-world-'))
  const descriptors: number[] = []
  t.teardown(() => {
    for (const descriptor of descriptors) closeSync(descriptor)
    rmSync(folder, { recursive: true, force: true })
  })
  const fifo = (key: string): string => join(folder, `${key}.go`)
  const runs = (key: string): string => join(folder, `${key}.runs`)

  return {
    settings: { Local: 'true' },
    play () {},
    faults: () => 0,

    submission (key, { lines, exitCode, ends, stdin = 0, port }) {
      if (ends !== 'itself') execFileSync('mkfifo', [fifo(key)])
      const command = [
        `echo run >> '${runs(key)}'`,
        ...(stdin > 0 ? ['cat'] : []),
        `i=0; while [ $i -lt ${lines} ]; do echo "line $i of ${key}"; i=$((i + 1)); done`,
        ...(ends === 'itself' ? [] : [`read go < '${fifo(key)}'`]),
        `exit ${exitCode}`
      ]
      return {
        name: key,
        command: command.join('; '),
        ...(stdin > 0 && { stdin: inputOf(key, stdin).map(line => `${line}\n`).join('') }),
        ...(port === true && { exposedPorts: [{ targetPort: 80 }] })
      }
    },

    signal (key) {
      // Opened at both ends, so that it needs no reader yet.
      const descriptor = openSync(fifo(key), 'r+')
      descriptors.push(descriptor)
      writeSync(descriptor, 'go\n')
    },

    runs (key) {
      try {
        return readFileSync(runs(key), 'utf8').split('\n').length - 1
      } catch {
        return 0
      }
    },

    async leftovers ({ scratchPath, ids }) {
      const folders = readdirSync(join(scratchPath, 'Local', 'jobs')).map(name => `folder ${name}`)
      const until = Date.now() + GONE_MS
      for (;;) {
        const processes = processesOf(ids)
        if (processes.length === 0 || Date.now() > until) return [...folders, ...processes]
        await delay(20)
      }
    }
  }
}

/** Processes that carry the id of a job in their arguments or their environment. */
function processesOf (ids: readonly string[]): string[] {
  const ours = new RegExp(ids.join('|'))
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      const found = [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]
        .map(readNow)
        .find(text => ids.length > 0 && ours.test(text))
      return found === undefined ? [] : [`process ${pid}: ${readNow(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`]
    })
}

function readNow (file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
