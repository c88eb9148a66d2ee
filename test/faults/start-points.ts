// Every step of a launcher's start at which it is killed: what it makes once, and what it renders again.

/** How a file comes to be: whole, or not at all. */
function written (temporary: string, published: 'link' | 'rename'): string[] {
  return ['open', 'write', published, 'rm'].map(step => `${step} ${temporary}`)
}

/** With an empty scratch path and no conf files. Those that differ only in the file are killed at for one file. */
export const FIRST_START: readonly string[] = [
  'mkdir scratch', 'write launcher.pid', 'mkdir conf',
  ...written('.instance-id.tmp', 'link'),
  'write .launcher.conf.tmp', 'rename .launcher.kubernetes.conf.tmp', 'rename ..job-launcher.json.tmp',
  'write .launcher.key.tmp', 'link .launcher.key.tmp', 'rm .launcher.key.tmp',
  'chmod jobs.db', 'make tables', 'mkdir Local', 'chmod launcher.sock'
]

/** With a setting that is another than before. */
export const RENDERING: readonly string[] = [
  ...written('.launcher.conf.tmp', 'rename'),
  ...written('..job-launcher.json.tmp', 'rename')
]

/** With a conf file that somebody edited. */
export const RENDERING_EDITED: readonly string[] = [
  'write .launcher.conf.edited.tmp',
  'rename .launcher.conf.edited.tmp',
  'write .launcher.conf.tmp',
  'rename ..job-launcher.json.tmp'
]

/** Of a job whose time is over. */
export const EXPIRY: readonly string[] = ['rm ID', 'commit', 'sync database']
