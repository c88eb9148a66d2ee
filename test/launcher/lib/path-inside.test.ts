import t from 'tap'
import { pathInside } from '../../../launcher/lib/path-inside.ts'

t.test('a path is inside itself and the folders above it, and nowhere else', async t => {
  t.equal(pathInside('/a/b', '/a/b'), true)
  t.equal(pathInside('/a/b/c', '/a/b'), true)
  t.equal(pathInside('/a/b/..c', '/a/b'), true)
  t.equal(pathInside('/a', '/'), true)
  t.equal(pathInside('/a/bc', '/a/b'), false)
  t.equal(pathInside('/a', '/a/b'), false)
  t.equal(pathInside('/b', '/a'), false)
})
