// A Local plugin on a scratch path of the test's own, with its driver.

import { join } from 'node:path'
import type { Test } from 'tap'
import type { LocalConfig } from '../../../plugins/local/config.ts'
import { drive, type Driver } from '../../conformance/driver.ts'
import { localBackend } from '../../conformance/local-backend.ts'

/** Closed and removed after the test. Jobs run as `user`, by default the user of this process. */
export async function scene (t: Test, config: Partial<LocalConfig> = {}, user?: string) {
  const backend = await localBackend(config, user)
  const driver = await drive(backend)
  t.teardown(async () => {
    await driver.close()
    await backend.end()
  })
  return { ...backend, driver, folderOf: (id: string) => join(backend.scratchPath, 'jobs', id) }
}

/** Runs the command and returns its standard output; rejects if its exit code is not 0. */
export async function outputOf (driver: Driver, command: string, more: object = {}): Promise<string> {
  const job = await driver.submit({ name: 'x', command, ...more })
  const { outcome } = await driver.untilEnded(job)
  if (outcome.exitCode !== 0) {
    throw new Error(`${JSON.stringify(outcome)} ${await driver.read(job, { stream: 'stderr' })}`)
  }
  return String(await driver.read(job))
}
