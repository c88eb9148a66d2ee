// The Pod Security levels of Kubernetes that the pods of jobs can be built for. Pure.

/** What the pods of jobs are built for. `baseline` also stands for a namespace that enforces no level. */
export type PodSecurityLevel = 'baseline' | 'restricted'

/** The values of pod-security. `auto` follows the label of the namespace. */
export const POD_SECURITY = ['baseline', 'restricted', 'auto'] as const
export type PodSecuritySetting = (typeof POD_SECURITY)[number]

/** The label of a namespace with the level that it enforces. */
export const ENFORCE_LABEL = 'pod-security.kubernetes.io/enforce'

/** Returns the level that a namespace with this value of the label enforces, if any. */
export function enforcedBy (label: string | undefined): PodSecurityLevel | undefined {
  return label === 'restricted' || label === 'baseline' ? label : undefined
}

/** Returns the level that the pods of jobs are built for in a namespace with this value of the label. */
export function levelOfLabel (label: string | undefined): PodSecurityLevel {
  return enforcedBy(label) ?? 'baseline'
}
