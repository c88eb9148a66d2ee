// Admission policies of a real API server that apply to one namespace, removed after the test.

import type { Test } from 'tap'
import { isNotFound } from '../../plugins/kubernetes/client/errors.ts'
import type { TestCluster } from './cluster.ts'

const POLICIES = '/apis/admissionregistration.k8s.io/v1'
const PODS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }
const UPDATES_OF_JOBS = { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['jobs'] }

export interface AdmissionPolicy {
  readonly name: string
  /** Resolves when the API server no longer has it. It may apply the policy for a moment longer. */
  remove (): Promise<void>
}

interface Rules {
  readonly kind: 'validating' | 'mutating'
  /** A name without the namespace. */
  readonly of: string
  readonly resourceRule: object
  readonly spec: object
  readonly binding?: object
}

async function admissionPolicy (
  t: Test, { client, namespace }: TestCluster, { kind, of, resourceRule, spec, binding = {} }: Rules
): Promise<AdmissionPolicy> {
  const name = `${of}.${namespace}`
  const path = `${POLICIES}/${kind}admissionpolicies`
  const bindings = `${POLICIES}/${kind}admissionpolicybindings`
  async function remove (): Promise<void> {
    for (const each of [bindings, path]) {
      await client.call({ method: 'DELETE', path: `${each}/${name}` }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    }
  }
  t.teardown(remove)
  await client.call({
    method: 'POST',
    path,
    body: { metadata: { name }, spec: { matchConstraints: { resourceRules: [resourceRule] }, ...spec } }
  })
  await client.call({
    method: 'POST',
    path: bindings,
    body: {
      metadata: { name },
      spec: {
        policyName: name,
        ...(kind === 'validating' && { validationActions: ['Deny'] }),
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
        ...binding
      }
    }
  })
  return { name, remove }
}

/** Pods need the label team. */
export async function teamPolicy (t: Test, cluster: TestCluster): Promise<AdmissionPolicy> {
  const expression = "'team' in object.metadata.?labels.orValue({})"
  return await admissionPolicy(t, cluster, {
    kind: 'validating',
    of: 'team',
    resourceRule: PODS,
    spec: { validations: [{ expression, message: 'every pod needs a team' }] }
  })
}

/** Denies pods while the key `frozen` of the ConfigMap with the name of the policy says `yes`. */
export async function freezePolicy (t: Test, cluster: TestCluster) {
  const { client, namespace } = cluster
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const name = `freeze.${namespace}`
  await client.call({ method: 'POST', path, body: { metadata: { name }, data: { frozen: 'yes' } } })
  const policy = await admissionPolicy(t, cluster, {
    kind: 'validating',
    of: 'freeze',
    resourceRule: PODS,
    spec: {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: "params.data.frozen != 'yes'", message: 'no pods during the freeze' }]
    },
    binding: { paramRef: { name, namespace, parameterNotFoundAction: 'Deny' } }
  })
  return {
    ...policy,
    thaw: () => client.call({
      method: 'PATCH',
      path: `${path}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { data: { frozen: 'no' } }
    })
  }
}

/** Changes pods with an expression that fails for each. */
export async function brokenMutatingPolicy (t: Test, cluster: TestCluster): Promise<AdmissionPolicy> {
  const expression = 'Object{metadata: Object.metadata{labels: {"x": object.metadata.annotations["team"]}}}'
  return await admissionPolicy(t, cluster, {
    kind: 'mutating',
    of: 'mutate',
    resourceRule: PODS,
    spec: {
      reinvocationPolicy: 'Never',
      failurePolicy: 'Fail',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }]
    }
  })
}

/** Resolves when the API server refuses each change of a Job, except of its status. */
export async function noJobUpdates (t: Test, cluster: TestCluster): Promise<AdmissionPolicy> {
  const { client, namespace } = cluster
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'localhost/busybox:1' }] } }
  await client.call({ method: 'POST', path, body: { metadata: { name: 'probe' }, spec: { suspend: true, template } } })
  const policy = await admissionPolicy(t, cluster, {
    kind: 'validating',
    of: 'still',
    resourceRule: UPDATES_OF_JOBS,
    spec: { validations: [{ expression: 'false', message: 'Jobs stay as they are' }] }
  })
  await untilJobPatch(cluster, false)
  return { name: policy.name, remove: async () => { await policy.remove(); await untilJobPatch(cluster, true) } }
}

async function untilJobPatch ({ client, namespace }: TestCluster, wanted: boolean): Promise<void> {
  for (;;) {
    const accepted = await client.call({
      method: 'PATCH',
      path: `/apis/batch/v1/namespaces/${namespace}/jobs/probe`,
      query: { dryRun: 'All' },
      body: { metadata: { labels: { tried: 'yes' } } },
      contentType: 'application/merge-patch+json',
      noRetry: true
    }).then(() => true, () => false)
    if (accepted === wanted) return
  }
}
