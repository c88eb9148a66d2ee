// Finds the text of an error that the kubelet wrote at the end of a followed log. If it cannot follow on, because the
// container or its folder is gone, it adds the error to what it has sent, wherever in a line that ends, and nothing
// after it. The bytes of the line that were not sent come with the next read, if there is one.

/** The longest text that is looked for. Names of namespace, pod and container have 253, 253 and 63 characters. */
const MAX_TEXT_BYTES = 2048

/** The errors of the kubelet's log reader and of the container runtime (k8s.io/cri-client/pkg/logs). */
const TEXT = new RegExp(
  '(failed to (watch directory|open log file|get container status|try resolving symlinks in path) ".*": |' +
  'failed to create fsnotify watcher: |' +
  'rpc error: code = [A-Za-z]+ desc = |' +
  'unable to retrieve container logs for [a-z-]+://)' +
  '[^\\n]*$', 's'
)

/** `start` to `end` is a line that the log ends in. Returns where the text begins in it, or `end` if it has none. */
export function kubeletTextStart (bytes: Buffer, start: number, end: number): number {
  const from = Math.max(start, end - MAX_TEXT_BYTES)
  const index = bytes.toString('latin1', from, end).search(TEXT)
  return index === -1 ? end : from + index
}
