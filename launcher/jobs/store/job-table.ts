// Reads and writes the rows of one job: the job, its tags and its Idempotency-Key. The most recent jobs are cached.

import type { Idempotency } from '../../model/idempotency.ts'
import type { Intent } from '../../model/intent.ts'
import type { Job } from '../../model/job.ts'
import type { JobKey } from '../../model/job-key.ts'
import type { JobUsage } from '../../model/job-usage.ts'
import type { Database } from './database.ts'
import { CHANGING_COLUMNS, SELECT_JOB, changingValues, jobOf, rememberSize, type Row } from './job-row.ts'
import type { RecentJobs } from './recent-jobs.ts'
import { keyReused } from './removed-keys.ts'

/** All but the reads run in a write. */
export interface JobTable {
  /** The returned job is shared between callers, which must not change it. */
  get (id: string): Job | undefined
  /** Returns the id of a job that has the key. Throws IdempotencyKeyReused if its body differs. */
  idOfKey (idempotency: Idempotency): string | undefined
  /** Returns the id of the job with the key that has not ended, else of the newest with the key. */
  idOfJobKey (key: JobKey): string | undefined
  /**
   * `submission` is that of the job, as JSON. If the job's key was used for another job, the key stays with that.
   */
  insert (job: Job, submission: string): void
  /** Stores what changes after the submission. */
  update (job: Job): void
  updateIntent (id: string, intent: Intent | undefined): void
  updateUsage (id: string, usage: JobUsage): void
  /** Stores the job with another submission. */
  replaceSubmission (job: Job): void
  remove (id: string): void
}

/** The caller clears `recent` after a write was rolled back. */
export function createJobTable ({ sqlite }: Pick<Database, 'sqlite'>, recent: RecentJobs): JobTable {
  const selectJob = sqlite.prepare(SELECT_JOB)
  const selectKeyed = sqlite.prepare('SELECT id FROM jobs WHERE id = ? OR array_id = ? LIMIT 1')
  const selectKey = sqlite.prepare('SELECT body_hash, job_id FROM idempotency_keys WHERE user = ? AND key = ?')
  const selectByJobKey = sqlite.prepare(
    'SELECT id FROM jobs WHERE job_key = ? AND job_key_user = ? ' +
    "ORDER BY status IN ('Pending', 'Running', 'Suspended') DESC, id DESC LIMIT 1"
  )
  const insertJob = sqlite.prepare(
    'INSERT INTO jobs (id, name, user, user_groups, cluster, submission_bytes, submission_time, ' +
    'array_id, array_index, array_count, job_key, job_key_user, ' +
    `${CHANGING_COLUMNS.join(', ')}) VALUES (${Array(12 + CHANGING_COLUMNS.length).fill('?').join(', ')})`
  )
  // A table of its own, because each update of a row writes the whole row again.
  const insertSubmission = sqlite.prepare('INSERT INTO submissions (job_id, submission) VALUES (?, ?)')
  const insertTag = sqlite.prepare('INSERT OR IGNORE INTO job_tags (tag, job_id) VALUES (?, ?)')
  const insertKey = sqlite.prepare(
    'INSERT OR IGNORE INTO idempotency_keys (user, key, body_hash, job_id) VALUES (?, ?, ?, ?)'
  )
  const updateJob = sqlite.prepare(
    `UPDATE jobs SET ${CHANGING_COLUMNS.map(column => `${column} = ?`).join(', ')} WHERE id = ?`
  )
  const updateIntent = sqlite.prepare('UPDATE jobs SET intent = ? WHERE id = ?')
  const updateUsage = sqlite.prepare('UPDATE jobs SET usage = ? WHERE id = ? AND end_time IS NULL')
  const updateSubmission = sqlite.prepare('UPDATE submissions SET submission = ? WHERE job_id = ?')
  const updateSize = sqlite.prepare('UPDATE jobs SET submission_bytes = ? WHERE id = ?')
  const removals = [
    'job_tags WHERE job_id = ?',
    // The key of an array goes with its last job.
    'idempotency_keys WHERE job_id = ' +
    '(SELECT coalesce(j.array_id, j.id) FROM jobs j WHERE j.id = ? AND NOT EXISTS ' +
    '(SELECT 1 FROM jobs o WHERE o.array_id = j.array_id AND o.id <> j.id))',
    'jobs WHERE id = ?'
  ].map(rows => sqlite.prepare(`DELETE FROM ${rows}`))

  return {
    get (id) {
      const cached = recent.get(id)
      if (cached !== undefined) return cached
      const row = selectJob.get(id)
      if (row === undefined) return undefined
      const job = jobOf(row as Row)
      recent.remember(job, (row.submission as string).length)
      return job
    },

    idOfKey ({ user, key, bodyHash }) {
      const first = selectKey.get(user, key)
      if (first === undefined) return undefined
      const id = first.job_id as string
      if (first.body_hash !== bodyHash) throw keyReused(id)
      // The first job of an array may be removed before the others.
      return selectKeyed.get(id, id)?.id as string | undefined
    },

    idOfJobKey: ({ user, key }) => selectByJobKey.get(key, user)?.id as string | undefined,

    insert (job, submission) {
      insertJob.run(
        job.id,
        job.submission.name,
        job.user,
        job.groups === undefined ? null : JSON.stringify(job.groups),
        job.cluster,
        Buffer.byteLength(submission),
        job.submissionTime,
        job.array?.id ?? null,
        job.array?.index ?? null,
        job.array?.count ?? null,
        job.key?.key ?? null,
        job.key?.user ?? null,
        ...changingValues(job)
      )
      insertSubmission.run(job.id, submission)
      for (const tag of job.submission.tags ?? []) insertTag.run(tag, job.id)
      const { idempotency, array } = job
      if (idempotency !== undefined) {
        insertKey.run(idempotency.user, idempotency.key, idempotency.bodyHash, array?.id ?? job.id)
      }
      rememberSize(job.submission, submission.length)
      recent.remember(job, submission.length)
    },

    update (job) {
      updateJob.run(...changingValues(job), job.id)
      recent.replace(job)
    },

    updateIntent (id, intent) {
      updateIntent.run(intent === undefined ? null : JSON.stringify(intent), id)
      const cached = recent.get(id)
      if (cached === undefined) return
      const { intent: _before, ...job } = cached
      recent.replace({ ...job, ...(intent && { intent }) })
    },

    updateUsage (id, usage) {
      const cached = recent.get(id)
      if (updateUsage.run(JSON.stringify(usage), id).changes === 0 || cached === undefined) return
      recent.replace({ ...cached, usage })
    },

    replaceSubmission (job) {
      const text = JSON.stringify(job.submission)
      updateJob.run(...changingValues(job), job.id)
      updateSubmission.run(text, job.id)
      updateSize.run(Buffer.byteLength(text), job.id)
      recent.forget(job.id)
    },

    remove (id) {
      for (const removal of removals) removal.run(id)
      recent.forget(id)
    }
  }
}
