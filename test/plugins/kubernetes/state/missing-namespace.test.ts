import t from 'tap'
import {
  isBeingDeleted, namespaceDeleted, namespaceMissing
} from '../../../../plugins/kubernetes/state/missing-namespace.ts'

t.test('the answer of a server to a create in a namespace that is being deleted is recognized', async t => {
  t.ok(isBeingDeleted('"x" is forbidden: unable to create new content in namespace n because it is being terminated'))
  t.notOk(isBeingDeleted('jobs "x" is forbidden: exceeded quota: q'))
})

t.test('a missing namespace is named, with what to do', async t => {
  t.match(namespaceDeleted('n'), /^The namespace n is being deleted; the operator must create it again$/)
  t.match(namespaceMissing('n'), /^The namespace n does not exist; the operator must create it$/)
})
