// Builds the pod that the Job controller would create for a Job, to ask the API server about it. Pure.

import type { V1Job, V1Pod } from '@kubernetes/client-node'
import { CONTROLLER_UID } from '../metadata/labels.ts'

/** The controller adds five random characters; these stand for them. */
const SUFFIX = '-00000'
/** Stands for the uid of a Job that the API server has not seen. */
const NO_UID = '00000000-0000-0000-0000-000000000000'

/** The controller's labels, finalizer and owner are included: policies look at them. */
export function podOfJob ({ metadata, spec }: V1Job): V1Pod {
  const { name, namespace, uid = NO_UID } = metadata!
  const { template } = spec!
  const controllerLabels = {
    'job-name': name!,
    'controller-uid': uid,
    'batch.kubernetes.io/job-name': name!,
    [CONTROLLER_UID]: uid
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name: `${name}${SUFFIX}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...controllerLabels, ...template.metadata?.labels },
      finalizers: ['batch.kubernetes.io/job-tracking'],
      // Without blockOwnerDeletion, which needs a right of its own.
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: name!, uid, controller: true }]
    },
    spec: template.spec!
  }
}
