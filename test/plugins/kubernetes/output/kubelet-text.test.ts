import t from 'tap'
import { kubeletTextStart } from '../../../../plugins/kubernetes/output/kubelet-text.ts'

const startIn = (text: string): number => {
  const bytes = Buffer.from(text)
  return kubeletTextStart(bytes, 0, bytes.length)
}

t.test('the errors of the log reader are found at the end of a line', async t => {
  for (const text of [
    'failed to watch directory "/var/log/pods/a_b_1/content": no such file or directory',
    'failed to open log file "/var/log/pods/a_b_1/content/0.log": open /var/log/pods: no such file or directory',
    'failed to get container status "17ac": rpc error: code = NotFound desc = not found',
    'failed to try resolving symlinks in path "/var/log/pods/a_b_1/content/0.log": lstat: no such file',
    'failed to create fsnotify watcher: too many open files',
    'rpc error: code = Unavailable desc = connection error',
    'unable to retrieve container logs for containerd://17ac'
  ]) {
    t.equal(startIn(`12${text}`), 2, text)
    t.equal(startIn(`é${'x'.repeat(5000)}${text}`), 5002)
  }
})

t.test('other text, and an error that more of the line follows, is none', async t => {
  for (const text of ['', '12', 'failed to open', 'error: code = 5', 'rpc error: code = Internal desc = x\n']) {
    t.equal(startIn(text), Buffer.byteLength(text))
  }
})
