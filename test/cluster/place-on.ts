// The place of a launcher whose jobs run in a namespace of a test cluster.

import type { Test } from 'tap'
import { place, type Place } from '../e2e/launcher-process.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import type { TestCluster } from './cluster.ts'

/** The local cluster is enabled unless `settings` disable it (`Local: 'false'`). */
export function placeOn (
  t: Test,
  { namespace }: TestCluster,
  kubeconfig: string,
  settings: Record<string, string> = {}
): Place {
  return place(t, {
    Kubernetes: 'true',
    Kubeconfig: kubeconfig,
    KubernetesNamespace: namespace,
    KubernetesProfilesConfig: FAR_REACH,
    ...settings
  })
}
