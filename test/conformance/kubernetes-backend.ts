// A namespace of a real cluster with Kubernetes plugins on it, for tests.

import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { LauncherError } from '../../launcher/errors.ts'
import { kubernetesConfigOf, type KubernetesConfig } from '../../plugins/kubernetes/config/config.ts'
import { KubernetesKeys } from '../../plugins/kubernetes/config/keys.ts'
import { kubernetes } from '../../plugins/kubernetes/index.ts'
import { jobObject } from '../../plugins/kubernetes/objects/job.ts'
import { pausedJob } from '../../plugins/kubernetes/metadata/annotations.ts'
import type { TestCluster } from '../cluster/cluster.ts'
import { FAR_REACH } from '../fixtures/profiles.ts'
import type { Backend } from './driver.ts'

export interface KubernetesBackend extends Backend {
  readonly scratchPath: string
}

function kubernetesConfig (keys: Partial<KubernetesKeys>): KubernetesConfig {
  return kubernetesConfigOf({ ...Value.Create(KubernetesKeys), ...keys }, {
    rendered: false,
    report (key, problem) { throw new LauncherError('ConfInvalid', `${key} ${problem}`) },
    nameOf: key => key,
    lineOf: () => ({ file: 'test.conf', line: 1 })
  })
}

/** `kubeconfig` is the plugin's; the test itself acts with the rights of `cluster`. */
export function kubernetesBackend (
  { client, namespace }: TestCluster,
  kubeconfig: string,
  keys: Partial<KubernetesKeys> = {}
): KubernetesBackend {
  /** Emits the ids of jobs whose change the plugin reports. */
  const changes = new EventEmitter()
  const scratchPath = mkdtempSync(join(tmpdir(), 'kubernetes-'))
  const config = kubernetesConfig({
    kubeconfig,
    'kubernetes-namespace': namespace,
    'profile-config': FAR_REACH,
    ...keys
  })
  return {
    scratchPath,
    user: 'ada',
    open: context => kubernetes.create(config, {
      ...context,
      scratchPath,
      changed (id) {
        context.changed(id)
        changes.emit(id)
      }
    }),
    async halfStart (job) {
      const body = pausedJob(jobObject(job, { namespace, instance: 'c0ffee000000', expiryHours: 1 }))
      const known = once(changes, job.id)
      await client.call({ method: 'POST', path: `/apis/batch/v1/namespaces/${namespace}/jobs`, body })
      await known
    },
    async end () { rmSync(scratchPath, { recursive: true, force: true }) }
  }
}
