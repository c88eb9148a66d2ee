// Checks whether systemd would kill the jobs of a launcher together with the launcher.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Finding } from '../../launcher/plugin.ts'

const TIMEOUT_MS = 5000
/** With other values of KillMode, systemd signals every process of the unit, including jobs. */
const SPARES_JOBS: readonly string[] = ['process', 'none']

/** Returns the systemd service of a process, from its `/proc/PID/cgroup`, or undefined if it has none. */
export function serviceOf (cgroupText: string): string | undefined {
  for (const line of cgroupText.split('\n')) {
    const path = /^(?:\d+:name=systemd:|0::)(\/.*)$/.exec(line)?.[1]
    const unit = path?.split('/').findLast(part => part.endsWith('.service'))
    if (unit !== undefined) return unit
  }
  return undefined
}

/** Checks what `systemctl show --property=KillMode,Delegate` prints for a service. Undefined if all is well. */
export function serviceFinding (unit: string, shown: string): Finding | undefined {
  const value = (property: string): string | undefined => new RegExp(`^${property}=(.*)$`, 'm').exec(shown)?.[1]
  const killMode = value('KillMode')
  const delegate = value('Delegate')
  const problems = [
    ...(killMode === undefined || SPARES_JOBS.includes(killMode)
      ? []
      : [`its KillMode is ${killMode}, so that local jobs end with it`]),
    ...(delegate === 'no' ? ['its Delegate is no, so that systemd may remove the control groups of jobs'] : [])
  ]
  if (problems.length === 0) return undefined
  return {
    check: 'service',
    state: 'warning',
    message: `The launcher belongs to ${unit}: ${problems.join('; ')}.`,
    help: `Run "systemctl edit ${unit}", add KillMode=process and Delegate=yes to [Service], and restart it.`
  }
}

/** Resolves with the finding for the service of this process. Undefined if all is well or systemd cannot be asked. */
export async function checkService (
  pid: number,
  environment: Readonly<Record<string, string | undefined>>
): Promise<Finding | undefined> {
  try {
    const unit = serviceOf(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))
    if (unit === undefined) return undefined
    const { stdout } = await promisify(execFile)(
      'systemctl',
      ['show', '--property=KillMode,Delegate', '--', unit],
      { env: environment, timeout: TIMEOUT_MS }
    )
    return serviceFinding(unit, stdout)
  } catch {
    return undefined
  }
}
