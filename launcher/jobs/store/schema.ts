// The tables of the database, and their migrations.

import type { DatabaseSync } from 'node:sqlite'
import { LauncherError } from '../../errors.ts'

/** Version of the tables. A file with a newer version is rejected, one with an older version is migrated. */
const SCHEMA_VERSION = 12

/** The tables of version 2. */
const TABLES = `
CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  cluster TEXT NOT NULL,
  submission TEXT NOT NULL,
  submission_time INTEGER NOT NULL,
  status TEXT NOT NULL,
  revision INTEGER NOT NULL,
  last_update_time INTEGER NOT NULL,
  handed_over INTEGER NOT NULL DEFAULT 0,
  start_time INTEGER,
  end_time INTEGER,
  reason TEXT,
  message TEXT,
  exit_code INTEGER,
  pid INTEGER,
  host TEXT,
  intent TEXT,
  user_groups TEXT
);
CREATE INDEX jobs_by_user ON jobs (user, id);
CREATE INDEX jobs_by_status ON jobs (status, id);
CREATE INDEX jobs_by_cluster ON jobs (cluster, id);
CREATE INDEX jobs_by_revision ON jobs (revision);
CREATE INDEX jobs_by_end ON jobs (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE job_tags (tag TEXT NOT NULL, job_id TEXT NOT NULL, PRIMARY KEY (tag, job_id)) WITHOUT ROWID;
CREATE INDEX job_tags_by_job ON job_tags (job_id);
CREATE TABLE transitions (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL,
  time INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  message TEXT,
  exit_code INTEGER
);
CREATE INDEX transitions_by_job ON transitions (job_id);
CREATE TABLE idempotency_keys (
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (user, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job_id);
`

/** Migrations to each version from the previous one. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  2: 'ALTER TABLE jobs ADD COLUMN user_groups TEXT;',
  3: `
ALTER TABLE jobs ADD COLUMN end_count INTEGER;
CREATE TABLE adopted_clusters (cluster TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE removed_keys (
  user TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  job_id TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  exit_code INTEGER,
  end_time INTEGER,
  removed INTEGER NOT NULL,
  PRIMARY KEY (user, key)
) WITHOUT ROWID;
CREATE INDEX removed_keys_by_time ON removed_keys (removed);
CREATE TABLE steady_clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  count_ms INTEGER NOT NULL,
  boot TEXT NOT NULL,
  boot_ms INTEGER NOT NULL
);
INSERT INTO adopted_clusters SELECT DISTINCT cluster FROM jobs;
`,
  4: `
DROP INDEX jobs_by_end;
CREATE TABLE ended_jobs (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  count_ms INTEGER NOT NULL,
  end_time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX ended_jobs_by_count ON ended_jobs (count_ms, end_time);
INSERT INTO ended_jobs SELECT id, coalesce(end_count, 0), end_time FROM jobs WHERE end_time IS NOT NULL;
ALTER TABLE jobs DROP COLUMN end_count;
`,
  5: `
CREATE TABLE submissions (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  submission TEXT NOT NULL
);
ALTER TABLE jobs ADD COLUMN submission_bytes INTEGER NOT NULL DEFAULT 0;
-- Moves one submission after the other: a copy of all of them would double the size of the file.
CREATE TRIGGER move_submission BEFORE UPDATE ON jobs BEGIN
  INSERT INTO submissions VALUES (OLD.id, OLD.submission);
END;
UPDATE jobs SET submission_bytes = octet_length(submission), submission = '';
DROP TRIGGER move_submission;
ALTER TABLE jobs DROP COLUMN submission;
`,
  6: 'ALTER TABLE jobs ADD COLUMN output_truncated TEXT;',
  7: `
ALTER TABLE jobs ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN outcome TEXT;
UPDATE jobs SET
  name = coalesce((SELECT json_extract(s.submission, '$.name') FROM submissions s WHERE s.job_id = jobs.id), ''),
  outcome = CASE
    WHEN status NOT IN ('Finished', 'Failed', 'Killed', 'Canceled') THEN NULL
    WHEN reason IN ('Stopped', 'StopGraceExceeded', 'KilledOnRequest', 'CanceledOnRequest') THEN 'stopped'
    WHEN reason IN ('Lost', 'SupervisorLost', 'MachineRestarted', 'RestoredFromCopy', 'NodeLost') THEN 'lost'
    WHEN status = 'Canceled' THEN 'stopped'
    WHEN status = 'Finished' AND exit_code = 0 THEN 'succeeded'
    ELSE 'failed'
  END;
CREATE INDEX jobs_by_name ON jobs (name, id);
CREATE INDEX jobs_by_outcome ON jobs (outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX jobs_by_user_and_outcome ON jobs (user, outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX jobs_by_reason ON jobs (reason, id) WHERE reason IS NOT NULL;
CREATE INDEX jobs_by_exit_code ON jobs (exit_code, id) WHERE exit_code IS NOT NULL;
`,
  8: `
ALTER TABLE jobs ADD COLUMN array_id TEXT;
ALTER TABLE jobs ADD COLUMN array_index INTEGER;
ALTER TABLE jobs ADD COLUMN array_count INTEGER;
CREATE INDEX jobs_by_array ON jobs (array_id, id) WHERE array_id IS NOT NULL;
ALTER TABLE removed_keys ADD COLUMN array_count INTEGER;
`,
  9: `
ALTER TABLE transitions ADD COLUMN removed TEXT;
CREATE INDEX removals ON transitions (revision) WHERE removed IS NOT NULL;
CREATE TABLE event_ids (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  database_id TEXT NOT NULL,
  complete_after INTEGER NOT NULL
);
INSERT INTO event_ids VALUES (1, lower(hex(randomblob(4))), 0);
`,
  10: `
ALTER TABLE jobs ADD COLUMN output_expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN job_key TEXT;
ALTER TABLE jobs ADD COLUMN job_key_user TEXT;
CREATE INDEX jobs_by_key ON jobs (job_key, job_key_user, id) WHERE job_key IS NOT NULL;
CREATE TABLE job_history (
  job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  count_ms INTEGER NOT NULL,
  end_time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX job_history_by_count ON job_history (count_ms, end_time);
-- Summaries read nothing but this index.
CREATE INDEX jobs_by_group ON jobs (user, cluster, status, outcome);
`,
  11: 'ALTER TABLE jobs ADD COLUMN usage TEXT;',
  12: 'ALTER TABLE jobs ADD COLUMN ready_time INTEGER; ALTER TABLE jobs ADD COLUMN network TEXT;'
}

/** Creates the tables in an empty file, and migrates those of an earlier launcher. Throws as `refuseNewer`. */
export function migrate (file: string, sqlite: DatabaseSync): void {
  let version = refuseNewer(file, sqlite)
  if (version === 0) reach(2, TABLES)
  while (version < SCHEMA_VERSION) reach(version + 1, MIGRATIONS[version + 1]!)

  function reach (next: number, sql: string): void {
    sqlite.exec(`BEGIN EXCLUSIVE; ${sql} PRAGMA user_version = ${next}; COMMIT`)
    version = next
  }
}

/** Returns the version of the tables: 0 for an empty file. Throws DatabaseInvalid for that of a later launcher. */
export function refuseNewer (file: string, sqlite: DatabaseSync): number {
  const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version <= SCHEMA_VERSION) return version
  throw new LauncherError(
    'DatabaseInvalid',
    `The database ${file} has version ${version}; this launcher supports version ${SCHEMA_VERSION}.`,
    { file, version }
  )
}
