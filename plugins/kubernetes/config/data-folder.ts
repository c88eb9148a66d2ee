// Decides which volume has the data of the host, whose folders jobs mount: a claim, a folder of an NFS server, or a
// folder of each node. Pure.

import type { V1Volume } from '@kubernetes/client-node'
import type { KeyRules } from '../../../launcher/plugin.ts'
import type { KubernetesKeys } from './keys.ts'

/** Folder of the process logs in the data, unless the operator names another. */
export const DEFAULT_LOG_FOLDER = 'process-logs'

export interface DataFolder {
  readonly source: Omit<V1Volume, 'name'>
  /** The folder of the volume with the data. Defaults to the whole volume. */
  readonly subPath?: string
  /** The path of the data, if it is a folder of each node. */
  readonly path?: string
  /**
   * Folders of process logs, relative to the data: the folders that jobs mount are in volumes beside them. Missing if
   * the launcher keeps none there, and for a claim, of which a pod can only have the whole volume.
   */
  readonly apartFrom?: readonly string[]
  /** How long a pod waits for the files of a job. */
  readonly waitSeconds: number
}

export type DataKeys = Partial<
  Pick<
    KubernetesKeys,
    'data-dir' | 'data-dir-path' | 'data-dir-pvc-name' | 'data-dir-pvc-sub-path' | 'data-deadline-seconds' | 'log-dir'
  >
>

/** Undefined if the host has no data in the cluster. */
export function dataFolderOf (keys: DataKeys, rules: Pick<KeyRules, 'report' | 'nameOf'>): DataFolder | undefined {
  const {
    'data-dir': folder,
    'data-dir-path': seenAt,
    'data-dir-pvc-name': claimName,
    'data-dir-pvc-sub-path': subPath,
    'data-deadline-seconds': waitSeconds = 0,
    'log-dir': logFolder = DEFAULT_LOG_FOLDER
  } = keys
  const apartFrom = [logFolder]
  if (folder !== undefined && claimName !== undefined) {
    rules.report('data-dir', `and ${rules.nameOf('data-dir-pvc-name')} are both set; set one of them`)
  }
  if (subPath !== undefined && claimName === undefined) {
    rules.report('data-dir-pvc-sub-path', `is set without ${rules.nameOf('data-dir-pvc-name')}, which it belongs to`)
  }
  if (claimName !== undefined) {
    return { source: { persistentVolumeClaim: { claimName } }, ...(subPath !== undefined && { subPath }), waitSeconds }
  }
  if (folder === undefined) return undefined
  const at = folder.indexOf(':/')
  if (at >= 0 && !folder.startsWith('/')) {
    const nfs = { server: folder.slice(0, at), path: folder.slice(at + 1) }
    return { source: { nfs }, ...(seenAt !== undefined && { apartFrom }), waitSeconds }
  }
  // With this type, a node without the folder reports an error instead of creating an empty folder.
  return { source: { hostPath: { path: folder, type: 'Directory' } }, path: folder, apartFrom, waitSeconds }
}
