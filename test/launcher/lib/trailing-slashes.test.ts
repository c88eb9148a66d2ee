import t from 'tap'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'

t.test('only slashes at the end are removed', async t => {
  t.equal(withoutTrailingSlashes('/a/b'), '/a/b')
  t.equal(withoutTrailingSlashes('/a//b///'), '/a//b')
  t.equal(withoutTrailingSlashes('///'), '')
  t.equal(withoutTrailingSlashes(''), '')
})
