import t from 'tap'
import { unneededFolders } from '../../../../plugins/kubernetes/process-logs/unneeded-folders.ts'

t.test('the folders of unknown jobs and of checks that a crash cut short are unneeded, and no others', async t => {
  const random = '0123456789abcdef0123456789abcdef'
  const names = [`01known-${random}`, `01gone-${random}`, '.probe-12-34', 'notes', `01gone-${random}.old`, '01gone']
  t.strictSame(unneededFolders(names, id => id === '01known'), [`01gone-${random}`, '.probe-12-34'])
})
