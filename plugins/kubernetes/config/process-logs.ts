// Decides where the output of jobs is kept: in files in the host's data, which host and pods share, or in the logs of
// the nodes. Pure.

import type { KeyRules } from '../../../launcher/plugin.ts'
import { DEFAULT_LOG_FOLDER, type DataFolder } from './data-folder.ts'
import type { KubernetesKeys } from './keys.ts'
import type { OutputMode } from './output-mode.ts'

export interface ProcessLogs {
  readonly mode: OutputMode
  /** The launcher's own path of the data folder. Missing if the configuration names none. */
  readonly dataPath?: string
  /** Folder of the process logs, relative to the data folder. */
  readonly folder: string
}

export type ProcessLogKeys = Partial<Pick<KubernetesKeys, 'output' | 'data-dir-path' | 'log-dir'>>

export function processLogsOf (
  keys: ProcessLogKeys,
  data: DataFolder | undefined,
  rules: Pick<KeyRules, 'report' | 'nameOf'>
): ProcessLogs {
  const { output: mode = 'auto', 'data-dir-path': given, 'log-dir': folder = DEFAULT_LOG_FOLDER } = keys
  const { nameOf, report } = rules
  const names = `${nameOf('data-dir')} or ${nameOf('data-dir-pvc-name')}`
  if (given !== undefined && data === undefined) {
    report('data-dir-path', `is set without ${names}, the data that it shows`)
  }
  const dataPath = data === undefined ? undefined : given ?? data.path
  if (mode === 'data' && dataPath === undefined) {
    const path = `${nameOf('data-dir-path')}, the path at which the launcher sees the data`
    report('output', `is data, which needs ${data === undefined ? names : path}`)
  }
  return { mode, ...(dataPath !== undefined && { dataPath }), folder }
}
