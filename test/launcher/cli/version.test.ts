import t from 'tap'
import { createRequire } from 'node:module'
import { packageVersion } from '../../../launcher/cli/version.ts'

t.test('the version is that of the package', async t => {
  t.equal(packageVersion(), createRequire(import.meta.url)('../../../package.json').version)
})
