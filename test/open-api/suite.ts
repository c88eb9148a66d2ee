// What the tests of scripts/suites/open-api share: which form of it runs, and the launcher that they drive.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openApiDocument } from '../../launcher/http/open-api.ts'
import { cleanEnvironment, place, start } from '../e2e/launcher-process.ts'

const { OPEN_API: form, NPM_TOOLS, PYTHON_TOOLS, GO_TOOLS, HOME = '/', GOPROXY } = process.env

/** The reason to skip the tests, or false. */
export const skipped = form === undefined ? 'only scripts/suites/open-api runs it' : false
export const isFull = form === 'full'
export const ROOT = join(import.meta.dirname, '../..')

export interface Shell {
  readonly folder: string
  /** Runs a script with sh in the folder, and fails the test with its output if it fails. */
  run (name: string, script: string, variables?: Record<string, string>): Promise<void>
}

/** A folder with the document as document.json. */
export function shell (t: Test): Shell {
  const folder = t.testdir({ 'document.json': JSON.stringify(openApiDocument('1.0.0')) })
  return {
    folder,
    async run (name, script, variables = {}) {
      const path = [`${NPM_TOOLS}/node_modules/.bin`, `${PYTHON_TOOLS}/bin`, GO_TOOLS, `${ROOT}/node_modules/.bin`]
      const environment = cleanEnvironment({
        PATH: [...path, process.env.PATH].join(':'),
        HOME,
        ROOT,
        ...(GOPROXY !== undefined && { GOPROXY }),
        NPM_TOOLS: NPM_TOOLS!,
        NO_COLOR: '1',
        ...variables
      })
      const child = spawn('/usr/bin/env', [...environment, 'sh', '-ec', script], {
        cwd: folder, stdio: ['ignore', 'pipe', 'pipe']
      })
      let text = ''
      child.stdout.on('data', data => { text += data })
      child.stderr.on('data', data => { text += data })
      const [code] = await once(child, 'close')
      writeFileSync(join(folder, `${name}.txt`), text)
      t.equal(code, 0, name)
      if (code !== 0) t.comment(text.slice(-20_000))
    }
  }
}

/** Starts a launcher on TCP, and returns the variables that tell a client where it is. */
export async function launcher (t: Test): Promise<Record<string, string>> {
  const here = place(t, { Address: '127.0.0.1:0', GroupsFromRequest: 'true' })
  const { ready } = await start(t, here)
  return {
    LAUNCHER_URL: `http://${String(ready.address)}`,
    LAUNCHER_KEY: readFileSync(join(here.scratchPath, 'launcher.key'), 'utf8').trim(),
    SCRATCH: here.folder
  }
}
