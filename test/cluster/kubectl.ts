// Runs kubectl of the version of the cluster programs, for comparisons with it.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const { KUBE_BIN, KUBE_VERSION = '1.37.2', KUBECTL } = process.env
const program = KUBECTL ?? join(KUBE_BIN ?? join(homedir(), `.cache/job-launcher/kube-${KUBE_VERSION}`), 'kubectl')

/** Reason to skip a test that needs kubectl, or false. */
export const noKubectl =
  !existsSync(program) &&
  `${program} is missing (KUBECTL names another); scripts/cluster-build FOLDER kubectl builds it`

export interface KubectlResult {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Never rejects. The program gets no environment but `env`, PATH and a HOME without a kubeconfig. */
export async function kubectl (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<KubectlResult> {
  const clean = { PATH: process.env['PATH'], HOME: '/none', KUBECACHEDIR: '/dev/null/none', ...env }
  const running = promisify(execFile)(program, args, { env: clean, timeout: 30_000 })
  running.child.stdin?.end()
  try {
    return { ok: true, ...await running }
  } catch (error) {
    const { stdout = '', stderr = String(error) } = error as { stdout?: string, stderr?: string }
    return { ok: false, stdout, stderr }
  }
}
