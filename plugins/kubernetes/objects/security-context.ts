// Builds the security contexts of a pod and of its containers for a Pod Security level. Pure.

import type { V1PodSecurityContext, V1SecurityContext } from '@kubernetes/client-node'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { PodSecurityLevel } from '../config/pod-security.ts'

/** All containers of the pod share it, also those of a base manifest. */
export function podSecurityContext (
  { container }: JobSubmission, podSecurity: PodSecurityLevel | undefined
): V1PodSecurityContext {
  const { runAsUserId, runAsGroupId, supplementalGroupIds } = container!
  return {
    seccompProfile: { type: 'RuntimeDefault' },
    ...(podSecurity === 'restricted' && { runAsNonRoot: true }),
    ...(runAsUserId !== undefined && { runAsUser: runAsUserId }),
    ...(runAsGroupId !== undefined && { runAsGroup: runAsGroupId }),
    ...(supplementalGroupIds !== undefined && {
      supplementalGroups: supplementalGroupIds,
      // By default, the image adds groups to its users. Servers before 1.33 ignore the field.
      supplementalGroupsPolicy: 'Strict'
    })
  }
}

/** For each container that the launcher adds. */
export function containerSecurity (podSecurity: PodSecurityLevel | undefined): V1SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    ...(podSecurity === 'restricted' && { capabilities: { drop: ['ALL'] } })
  }
}
