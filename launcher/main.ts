#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=65536 node --max-semi-space-size=4 --heap-growing-percent=50
// The program: the only file that uses argv, the environment, signals and the exit code.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`job-launcher: Node 22.22 or later is needed, this is ${process.versions.node}\n`)
  // As a wrong configuration: another try does not help.
  process.exit(78)
}
// A static import would fail on an older Node before this message.
const { dispatch } = await import('./cli/dispatch.ts')

// The store uses node:sqlite, for which Node prints a warning that users cannot act on.
const shown = process.listeners('warning')
process.removeAllListeners('warning')
process.on('warning', warning => {
  if (warning.name !== 'ExperimentalWarning') for (const show of shown) show(warning)
})

// Files that the launcher creates are private, independent of the inherited umask. Those for others get their mode
// explicitly.
process.umask(0o077)

// A small buffer that lives as long as a connection retains its whole pool, which has 64 KiB in Node 24.
Buffer.poolSize = 8192

const interrupted = new AbortController()
const forced = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => (interrupted.signal.aborted ? forced : interrupted).abort())
}
const hangupListeners: Array<() => unknown> = []
process.on('SIGHUP', () => {
  if (hangupListeners.length === 0) interrupted.abort()
  for (const listener of hangupListeners) listener()
})

process.exitCode = await dispatch(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  signal: interrupted.signal,
  force: forced.signal,
  onHangup: listener => { hangupListeners.push(listener) },
  loadPlugins: async () => (await import('../plugins/index.ts')).plugins
})
process.exit()
