// Every step of a launcher's start at which it is killed: what it makes once, and what it renders again.

/** How a file comes to be: whole, or not at all. */
function written (temporary: string, published: 'link' | 'rename', folder: string): string[] {
  return [...['open', 'chmod', 'write', 'sync', published].map(step => `${step} ${temporary}`), `sync ${folder}`, `rm ${temporary}`]
}

/** With an empty scratch path and no conf files. Those that differ only in the file are killed at for one file. */
export const FIRST_START: readonly string[] = [
  'mkdir scratch', 'write launcher.pid', 'mkdir conf', 'chmod conf',
  ...written('.instance-id.tmp', 'link', 'scratch'),
  'open .launcher.conf.tmp', 'rename .launcher.conf.tmp', 'rm .launcher.conf.tmp',
  'open .launcher.local.conf.tmp', 'rename .launcher.kubernetes.conf.tmp',
  'open ..job-launcher.json.tmp', 'rename ..job-launcher.json.tmp', 'rm ..job-launcher.json.tmp',
  'open .launcher.key.tmp', 'link .launcher.key.tmp', 'rm .launcher.key.tmp',
  'chmod jobs.db', 'make tables', 'mkdir Local', 'mkdir jobs', 'chmod launcher.sock'
]

/** With a setting that is another than before. */
export const RENDERING: readonly string[] = [...written('.launcher.conf.tmp', 'rename', 'conf'), ...written('..job-launcher.json.tmp', 'rename', 'conf')]

/** With a conf file that somebody edited. */
export const RENDERING_EDITED: readonly string[] = ['open .launcher.conf.edited.tmp', 'rename .launcher.conf.edited.tmp', 'rm .launcher.conf.edited.tmp', 'open .launcher.conf.tmp', 'rename .launcher.conf.tmp', 'rename ..job-launcher.json.tmp']

/** Of a job whose time is over. */
export const EXPIRY: readonly string[] = ['rm ID', 'commit', 'sync database']
