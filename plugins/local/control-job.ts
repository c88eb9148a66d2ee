// Carries out an operation on a job.

import { setTimeout as delay } from 'node:timers/promises'
import type { Job, Operation } from '../../launcher/plugin.ts'
import { eraseIntent, writeControlNote } from './control-note.ts'
import { claimForCancel, jobFolder, readState } from './job-folder.ts'
import { FIRST_LINE_MS } from './outcome.ts'
import type { Parts } from './parts.ts'
import { findRunningJob, treeOf } from './running-job.ts'
import { kill, resume, suspend, terminate } from './signals.ts'
import { parseState } from './supervisor-state.ts'

/** Safe to repeat. Rejects with StoreUnavailable if a cancel cannot be written. */
export async function controlJob (job: Job, operation: Operation, parts: Parts): Promise<void> {
  const { boot, scratchPath, terminated } = parts
  const folder = jobFolder(scratchPath, job.id)
  if (operation === 'cancel') return await cancel(folder)
  const { intent } = job
  if (intent !== undefined) note(() => writeControlNote(folder, { intent }), job, parts)
  const run = findRunningJob(job, folder, boot)
  if (run === undefined) return
  const tree = await treeOf(job, run.started, run.record, parts)
  try {
    if (operation === 'stop') terminated.set(job.id, await terminate(tree))
    else if (operation === 'kill') await kill(tree, terminated.get(job.id))
    else await { suspend, resume }[operation](tree)
  } catch (error) {
    if (operation === intent?.operation) note(() => eraseIntent(folder), job, parts)
    throw error
  }
}

/**
 * A supervisor may have claimed the job right before. The next observation must show whether it runs, because the
 * cancel is then refused.
 */
async function cancel (folder: string): Promise<void> {
  const until = performance.now() + FIRST_LINE_MS
  while (!claimForCancel(folder) && performance.now() < until) {
    const { text, report } = readState(folder) ?? { text: '', report: undefined }
    if (parseState(text, report) !== undefined) return
    await delay(1)
  }
}

/** Only the next launcher reads the note, if the store has lost the request. A job must be killable without it. */
function note (write: () => void, { id }: Job, { log }: Parts): void {
  try {
    write()
  } catch (err) {
    log.warn({ err, job: id }, 'request not noted in the job folder')
  }
}
