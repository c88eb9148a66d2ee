import t from 'tap'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'

t.test('slashes at the end are taken off, and no others', async t => {
  t.equal(withoutTrailingSlashes('/a/b'), '/a/b')
  t.equal(withoutTrailingSlashes('/a//b///'), '/a//b')
  t.equal(withoutTrailingSlashes('///'), '')
  t.equal(withoutTrailingSlashes(''), '')
})
