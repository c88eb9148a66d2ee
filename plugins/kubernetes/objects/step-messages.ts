// Lets the init containers of a pod report what they wrote last if they fail: the node copies it into the state of the
// pod, so no log of a step must be read. Pure.

import type { V1Job } from '@kubernetes/client-node'

/** A base that sets a policy keeps it. The output of the program is no message: its container keeps the default. */
export function withStepMessages (job: V1Job): V1Job {
  const { spec } = job
  const { initContainers } = spec?.template.spec ?? {}
  if (initContainers === undefined) return job
  const podSpec = {
    ...spec!.template.spec!,
    initContainers: initContainers.map(step => ({ terminationMessagePolicy: 'FallbackToLogsOnError', ...step }))
  }
  return { ...job, spec: { ...spec!, template: { ...spec!.template, spec: podSpec } } }
}
