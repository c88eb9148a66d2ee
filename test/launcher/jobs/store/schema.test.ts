import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { createJobTable } from '../../../../launcher/jobs/store/job-table.ts'
import { createRecentJobs } from '../../../../launcher/jobs/store/recent-jobs.ts'
import { MIGRATIONS } from '../../../../launcher/jobs/store/schema.ts'
import { openStore } from '../../../../launcher/jobs/store/store.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'
import { outcomeOf } from '../../../../launcher/model/job-outcome.ts'
import { REASONS } from '../../../../launcher/model/reasons.ts'
import { JOB_STATUSES } from '../../../../launcher/model/status.ts'
import { makeVersion2 } from '../../../fixtures/version-2.ts'

t.test('a database of a newer launcher is refused and not changed', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const newer = new DatabaseSync(file)
  newer.exec('CREATE TABLE later (x); PRAGMA user_version = 99')
  newer.close()
  t.throws(() => openDatabase(file), {
    code: 'DatabaseInvalid',
    message: `The database ${file} has version 99; this launcher supports version 12.`
  })
  const again = new DatabaseSync(file)
  t.teardown(() => again.close())
  t.strictSame(
    again
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => name),
    ['later']
  )
})

t.test('a migrated database has the tables and indexes of a new one', async t => {
  const folder = await temporaryFolder(t)
  const [migrated, made] = [join(folder, 'migrated'), join(folder, 'made')]
  makeVersion2(migrated)
  for (const file of [migrated, made]) await openDatabase(file).close()
  t.strictSame(shapeOf(migrated), shapeOf(made))
  t.ok(shapeOf(made).length > 10)
})

t.test('a database of version 3 keeps the times that its jobs have been ended for', async t => {
  const file = join(await temporaryFolder(t), 'db')
  makeVersion2(file, `
    ${MIGRATIONS[3]}
    DROP INDEX jobs_by_end;
    CREATE INDEX jobs_by_end ON jobs (coalesce(end_count, 0), end_time) WHERE end_time IS NOT NULL;
    INSERT INTO jobs
      (id, user, cluster, submission, submission_time, status, revision, last_update_time, end_time, end_count)
    VALUES
      ('a', 'ann', 'Local', '{}', 1, 'Finished', 1, 1, 7, 5),
      ('b', 'ann', 'Local', '{}', 1, 'Running', 2, 1, NULL, NULL);
    PRAGMA user_version = 3`)
  const database = openDatabase(file)
  t.teardown(database.close)
  t.strictSame(
    database.sqlite.prepare('SELECT * FROM ended_jobs').all().map(row => ({ ...row })),
    [{ job_id: 'a', count_ms: 5, end_time: 7 }]
  )
})

t.test('a database of version 4 keeps the submissions of its jobs, with their sizes', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const submission = JSON.stringify({ name: '漢', exe: '/bin/true', stdin: 'x'.repeat(100_000) })
  makeVersion2(file, `
    ${MIGRATIONS[3]} ${MIGRATIONS[4]}
    INSERT INTO jobs (id, user, cluster, submission, submission_time, status, revision, last_update_time) VALUES
      ('a', 'ann', 'Local', '${submission}', 1, 'Running', 1, 1),
      ('b', 'ann', 'Local', '{"name":"b"}', 1, 'Pending', 2, 1);
    INSERT INTO ended_jobs VALUES ('a', 5, 7);
    PRAGMA user_version = 4`)
  const database = openDatabase(file)
  t.teardown(database.close)
  const sizes = database.sqlite.prepare('SELECT id, submission_bytes AS bytes FROM jobs ORDER BY id').all()
  t.match(sizes, [{ id: 'a', bytes: Buffer.byteLength(submission) }, { id: 'b', bytes: 12 }])
  const store = createJobTable(database, createRecentJobs())
  t.strictSame(store.get('a')?.submission, JSON.parse(submission))
  t.match(store.get('b'), { submission: { name: 'b' }, status: 'Pending', user: 'ann' })
  store.remove('a')
  const left = (table: string): unknown => database.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n
  t.strictSame(['jobs', 'submissions', 'ended_jobs'].map(left), [1, 1, 0])
})

// No job of such a database has a lease.
t.test('jobs of a database of version 6 have the outcome and the name of a new job', async t => {
  const file = join(await temporaryFolder(t), 'db')
  const jobs = JOB_STATUSES.flatMap(status =>
    [null, 'OfALaterLauncher', ...Object.keys(REASONS).filter(reason => reason !== 'LeaseExpired')].flatMap(reason =>
      [null, 0, 1].map(exitCode => ({ status, reason, exitCode }))))
  makeVersion2(file, `${[3, 4, 5, 6].map(version => MIGRATIONS[version]).join('')} PRAGMA user_version = 6`)
  const old = new DatabaseSync(file)
  const insertJob = old.prepare(
    'INSERT INTO jobs (id, user, cluster, submission_time, status, reason, exit_code, revision, last_update_time) ' +
    "VALUES (?, 'ann', 'Local', 1, ?, ?, ?, 1, 1)"
  )
  const insertSubmission = old.prepare('INSERT INTO submissions VALUES (?, ?)')
  old.exec('BEGIN')
  for (const [index, { status, reason, exitCode }] of jobs.entries()) {
    insertJob.run(`job ${index}`, status, reason, exitCode)
    insertSubmission.run(`job ${index}`, JSON.stringify({ name: `漢 "${index}"`, exe: 'x' }))
  }
  old.exec('COMMIT')
  old.close()
  const database = openDatabase(file)
  t.teardown(database.close)
  const rows = database.sqlite.prepare('SELECT name, outcome FROM jobs ORDER BY rowid').all()
  t.strictSame(rows.map(row => ({ ...row })), jobs.map(({ status, reason, exitCode }, index) => ({
    name: `漢 "${index}"`,
    outcome: outcomeOf({ status, ...(reason && { reason }), ...(exitCode !== null && { exitCode }) }) ?? null
  })))
  const { get } = createJobTable(database, createRecentJobs())
  t.match(get('job 0'), { status: 'Pending', submission: { name: '漢 "0"' } })
})

t.test('jobs and removed keys of a database of version 7 belong to no array', async t => {
  const file = join(await temporaryFolder(t), 'db')
  makeVersion2(file, `
    ${[3, 4, 5, 6, 7].map(version => MIGRATIONS[version]).join('')}
    INSERT INTO jobs (id, name, user, cluster, submission_time, status, revision, last_update_time)
    VALUES ('a', 'n', 'ann', 'Local', 1, 'Running', 1, 1);
    INSERT INTO submissions VALUES ('a', '{"name":"n"}');
    INSERT INTO idempotency_keys VALUES ('', 'k', 'h', 'a');
    INSERT INTO removed_keys (user, key, body_hash, job_id, status, removed) VALUES ('', 'r', 'h', 'b', 'Failed', 1);
    PRAGMA user_version = 7`)
  const store = openStore(file)
  t.teardown(store.close)
  const job = store.repeated({ user: '', key: 'k', bodyHash: 'h' })
  t.match(job, { id: 'a', submission: { name: 'n' }, idempotency: { key: 'k' } })
  t.equal(job?.array, undefined)
  t.throws(() => store.requireUnused({ user: '', key: 'r' }), { code: 'JobRemoved', details: { jobId: 'b' } })
})

t.test('a database of version 8 keeps its transitions, and its events get ids of their own', async t => {
  const file = join(await temporaryFolder(t), 'db')
  makeVersion2(file, `
    ${[3, 4, 5, 6, 7, 8].map(version => MIGRATIONS[version]).join('')}
    INSERT INTO jobs (id, user, cluster, submission_time, status, revision, last_update_time) VALUES
      ('a', 'ann', 'Local', 1, 'Pending', 9, 1);
    INSERT INTO submissions VALUES ('a', '{"name":"a"}');
    INSERT INTO transitions (revision, job_id, time, status) VALUES (9, 'a', 1, 'Pending');
    PRAGMA user_version = 8`)
  const store = openStore(file)
  t.teardown(store.close)
  t.match(store.databaseId(), /^[0-9a-f]{8}$/)
  t.match(store.transitionsAfter(0, 10), [{ id: 'a', revision: 9, status: 'Pending' }])
  t.strictSame([8, 9, 10].map(store.isResumable), [true, true, false])
})

/** Returns tables with their columns, and indexes with theirs. */
function shapeOf (file: string): string[] {
  const database = new DatabaseSync(file)
  const names = (sql: string): string[] => database.prepare(sql).all().map(({ name }) => String(name))
  const shape = [
    ...names("SELECT name FROM sqlite_master WHERE type = 'table'").map(table =>
      `${table}: ${names(`SELECT name || ' ' || type AS name FROM pragma_table_info('${table}')`).sort().join(', ')}`),
    ...names("SELECT name FROM sqlite_master WHERE type = 'index'").map(index =>
      `${index}: ${names(`SELECT name FROM pragma_index_info('${index}')`).join(', ')}`)
  ]
  database.close()
  return shape.sort()
}
