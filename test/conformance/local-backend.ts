// A scratch path with Local plugins on it, for tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookUpUser, ownUserName } from '../../launcher/lib/users.ts'
import type { LocalConfig } from '../../plugins/local/config.ts'
import { local } from '../../plugins/local/index.ts'
import { jobFolder, makeJobFolder, recordOf, writeJobFiles } from '../../plugins/local/job-folder.ts'
import { launchScript } from '../../plugins/local/launch-script.ts'
import { localConfig } from '../plugins/local/local-config.ts'
import type { Backend } from './driver.ts'

export interface LocalBackend extends Backend {
  readonly scratchPath: string
}

export async function localBackend (
  config: Partial<LocalConfig> = {},
  user: string = ownUserName()
): Promise<LocalBackend> {
  const scratchPath = mkdtempSync(join(tmpdir(), 'local-'))
  return {
    scratchPath,
    user,
    open: context => local.create(localConfig(config), { ...context, scratchPath }),
    async halfStart (job) {
      const account = (await lookUpUser(user))!
      const folder = jobFolder(scratchPath, job.id)
      makeJobFolder(folder)
      writeJobFiles(folder, {
        record: recordOf(job, account, []),
        launchScript: launchScript({ id: job.id, submission: job.submission, account, ports: [] }),
        stdin: job.submission.stdin,
        owner: account.uid === process.getuid!() ? undefined : account
      })
    },
    async end () { rmSync(scratchPath, { recursive: true, force: true }) }
  }
}
