// Each way to start the launcher gives Node the same flags and variable.

import { readFileSync } from 'node:fs'
import t from 'tap'

const FLAGS = /--max-semi-space-size=4(?: |',\s+')--heap-growing-percent=50/
const VARIABLE = /MALLOC_MMAP_THRESHOLD_(?:=|: ')65536/

t.test('the checkout script, the installed program and a Node host start the launcher with equal flags', async t => {
  for (const file of [
    'scripts/job-launcher',
    'launcher/main.ts',
    'launcher/supervise/start-launcher.ts',
    'test/e2e/launcher-process.ts',
    'bench/launcher.ts'
  ]) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    t.match(text, FLAGS, file)
    t.match(text, VARIABLE, file)
  }
})
