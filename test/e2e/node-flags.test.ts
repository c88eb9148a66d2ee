// The three ways to start the launcher give Node the same flag.

import { readFileSync } from 'node:fs'
import t from 'tap'

const FLAG = '--max-semi-space-size=4'

t.test('the script of a checkout, the installed program and a Node host start the launcher with the same flag', async t => {
  for (const file of ['scripts/job-launcher', 'launcher/main.ts', 'launcher/supervise/start-launcher.ts', 'test/e2e/launcher-process.ts']) {
    t.match(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), FLAG, file)
  }
})
