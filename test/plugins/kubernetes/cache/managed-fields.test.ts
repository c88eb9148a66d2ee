import t from 'tap'
import {
  changedBy,
  changedByClient,
  createdBy,
  suspendedBy
} from '../../../../plugins/kubernetes/cache/managed-fields.ts'

const at = (manager: string, second: number, more: object = {}) =>
  ({ manager, time: `2026-01-31T12:00:0${second}Z`, ...more })

t.test('the creator of an object is the client that set its spec', async t => {
  const managed = [at('kubectl-label', 2), at('kubectl-create', 1, { fieldsV1: { 'f:spec': {} } })]
  t.equal(createdBy(managed), 'kubectl-create')
  t.equal(createdBy(undefined), undefined)
})

t.test('the client that changed an object last is no owner, controller or writer of its status', async t => {
  const managed = [
    at('kubectl-label', 2),
    at('kubectl-edit', 1),
    at('owner', 3),
    at('kubelet', 4),
    at('status-writer', 5, { subresource: 'status' })
  ]
  t.equal(changedBy(managed, 'owner'), 'kubectl-label')
  t.equal(changedByClient([at('job-launcher', 2), at('kubectl-edit', 1)]), 'kubectl-edit')
  t.equal(changedByClient([at('job-launcher', 2)]), undefined)
})

t.test('the client that suspended a Job is named, unless a webhook did so in the request of the launcher', async t => {
  const fieldsV1 = { 'f:spec': { 'f:suspend': {} } }
  t.equal(suspendedBy([at('job-launcher', 1), at('kubectl-patch', 2, { fieldsV1 })]), 'kubectl-patch')
  t.equal(suspendedBy([at('job-launcher', 1, { fieldsV1 })]), undefined)
})
