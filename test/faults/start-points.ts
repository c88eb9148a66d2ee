// Every step of a launcher's start at which it is killed: what it creates once, and what it renders again.

/** The steps that write a file atomically. */
function written (temporary: string, published: 'link' | 'rename'): string[] {
  return ['open', 'write', published, 'rm'].map(step => `${step} ${temporary}`)
}

/** With an empty scratch path and no conf files. Steps that differ only in the file are tried for one file. */
export const FIRST_START: readonly string[] = [
  'mkdir scratch', 'append launcher.pid', 'mkdir conf',
  ...written('.instance-id.tmp', 'link'),
  'write .launcher.conf.tmp', 'rename .launcher.kubernetes.conf.tmp', 'rename ..job-launcher.json.tmp',
  'write .launcher.key.tmp', 'link .launcher.key.tmp', 'rm .launcher.key.tmp',
  'chmod jobs.db', 'make tables', 'append jobs.db-wal', 'mkdir Local', 'chmod launcher.sock',
  'open reserve', 'append reserve'
]

/** With a changed setting. */
export const RENDERING: readonly string[] = [
  ...written('.launcher.conf.tmp', 'rename'),
  ...written('..job-launcher.json.tmp', 'rename')
]

/** With a conf file edited by hand. */
export const RENDERING_EDITED: readonly string[] = [
  'write .launcher.conf.edited.tmp',
  'rename .launcher.conf.edited.tmp',
  'write .launcher.conf.tmp',
  'rename ..job-launcher.json.tmp'
]

/** Of a job whose expiry has passed. */
export const EXPIRY: readonly string[] = ['rm ID', 'commit', 'sync database']
