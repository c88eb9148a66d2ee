import { join } from 'node:path'
import t from 'tap'
import { readCredentialFile } from '../../../../plugins/kubernetes/client/credential-file.ts'

t.test('returns the text of the file, or rejects with the path that cannot be read', async t => {
  const folder = t.testdir({ token: 'secret\n' })
  t.equal(await readCredentialFile(join(folder, 'token')), 'secret\n')
  await t.rejects(readCredentialFile(join(folder, 'none')), {
    code: 'FileNotReadable',
    message: `Cannot read ${join(folder, 'none')} for the access to Kubernetes: ENOENT.`
  })
})
