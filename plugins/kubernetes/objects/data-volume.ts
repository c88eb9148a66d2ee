// Decides where the data of the host is, of which jobs mount folders: a claim, a folder of an NFS server, or one of
// each node. Pure.

import type { V1Volume } from '@kubernetes/client-node'
import type { Problem } from '../../../launcher/lib/problem.ts'
import type { KubernetesConfig } from '../config/keys.ts'

export interface DataFolder {
  readonly source: Omit<V1Volume, 'name'>
  /** Folder of the volume that it is; the whole volume where there is none. */
  readonly subPath?: string
  /** Its path, where it is a folder of each node. */
  readonly path?: string
  /** How long a pod waits for the files of a job. */
  readonly waitSeconds: number
}

export type DataKeys = Partial<
  Pick<KubernetesConfig, 'data-dir' | 'data-dir-pvc-name' | 'data-dir-pvc-sub-path' | 'data-deadline-seconds'>
>

/** Undefined where the host has none in the cluster. For keys in which `dataProblems` finds nothing. */
export function dataFolderOf (keys: DataKeys): DataFolder | undefined {
  const {
    'data-dir': folder,
    'data-dir-pvc-name': claimName,
    'data-dir-pvc-sub-path': subPath,
    'data-deadline-seconds': waitSeconds = 0
  } = keys
  if (claimName !== undefined) {
    return { source: { persistentVolumeClaim: { claimName } }, ...(subPath !== undefined && { subPath }), waitSeconds }
  }
  if (folder === undefined) return undefined
  const at = folder.indexOf(':/')
  if (at >= 0 && !folder.startsWith('/')) {
    return { source: { nfs: { server: folder.slice(0, at), path: folder.slice(at + 1) } }, waitSeconds }
  }
  // With this type a node that lacks the folder says so instead of giving an empty one.
  return { source: { hostPath: { path: folder, type: 'Directory' } }, path: folder, waitSeconds }
}

export function dataProblems (keys: DataKeys): Problem[] {
  const { 'data-dir': folder, 'data-dir-pvc-name': claimName, 'data-dir-pvc-sub-path': subPath } = keys
  return [
    ...(folder !== undefined && claimName !== undefined
      ? [{ key: 'data-dir', problem: 'and data-dir-pvc-name are both set; set one of them' }]
      : []),
    ...(subPath !== undefined && claimName === undefined
      ? [{ key: 'data-dir-pvc-sub-path', problem: 'is set without data-dir-pvc-name, which it belongs to' }]
      : [])
  ]
}
