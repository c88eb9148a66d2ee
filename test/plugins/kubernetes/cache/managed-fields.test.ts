import t from 'tap'
import {
  changedBy,
  changedByClient,
  createdBy,
  specFieldSetBy
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

t.test('the client that set a field of a Job is named, unless it was the launcher, or a webhook for it', async t => {
  for (const field of ['suspend', 'parallelism', 'activeDeadlineSeconds'] as const) {
    const fieldsV1 = { 'f:spec': { [`f:${field}`]: {} } }
    t.equal(specFieldSetBy([at('job-launcher', 1), at('kubectl-patch', 2, { fieldsV1 })], field), 'kubectl-patch')
    t.equal(specFieldSetBy([at('job-launcher', 1, { fieldsV1 })], field), undefined)
    t.equal(specFieldSetBy([at('kube-controller-manager', 1, { fieldsV1 })], field), undefined)
  }
  t.equal(specFieldSetBy([at('kueue', 1, { fieldsV1: { 'f:spec': { 'f:suspend': {} } } })], 'parallelism'), undefined)
})
