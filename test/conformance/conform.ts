// The suite that every plugin must pass. It knows no cluster: programs are shell commands, which the caller maps to
// submissions.

import type { Test } from 'tap'
import { cluster } from './cases/cluster.ts'
import { operations } from './cases/operations.ts'
import { output } from './cases/output.ts'
import { programs } from './cases/programs.ts'
import { restarts } from './cases/restarts.ts'
import { drive } from './driver.ts'
import type { Cases, Subject } from './scene.ts'

export type { Subject } from './scene.ts'

const CASES: Cases = { ...cluster, ...programs, ...output, ...operations, ...restarts }

export async function conform (t: Test, subject: Subject): Promise<void> {
  for (const name of Object.keys(subject.skip)) {
    if (!(name in CASES)) throw new Error(`${subject.name} skips "${name}", which is no test of the suite`)
  }
  for (const [name, show] of Object.entries(CASES)) {
    await t.test(`${subject.name}: ${name}`, { skip: subject.skip[name] ?? false }, async t => {
      const backend = await subject.create()
      let driver = await drive(backend)
      try {
        await show(t, {
          driver,
          backend,
          program: subject.program,
          isStopped (t, outcome) {
            t.match(outcome, { status: 'Finished', reason: 'Stopped' })
            if (outcome.exitCode !== undefined || !subject.mayLoseExitCode) t.equal(outcome.exitCode, 7)
          },
          async restart () {
            await driver.close()
            driver = await drive(backend)
            return driver
          }
        })
      } finally {
        await driver.close()
        await backend.end()
      }
    })
  }
}
