// A rival of the bench: Slurm with one node on the loopback interface, without accounting, with its fastest settings.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface Slurm {
  /** Submits a job that runs /bin/true and writes its output to a file. Resolves once its end is known. */
  job (): Promise<void>
  end (): Promise<void>
}

const PROGRAMS = ['/usr/bin/sbatch', '/usr/sbin/munged', '/usr/sbin/slurmctld', '/usr/sbin/slurmd']
const TRIES = 100
const POLL_MS = 100

/** Returns why Slurm cannot be measured on this machine; undefined if it can. */
export function slurmIsMissing (): string | undefined {
  if (process.getuid!() !== 0) return 'only root can start it'
  if (!PROGRAMS.every(existsSync)) return 'Debian\'s packages slurm-wlm and munge are not installed'
}

export async function slurm (): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-slurm-'))
  const conf = join(folder, 'slurm.conf')
  const ends = join(folder, 'ends')
  const env = { PATH: process.env.PATH!, SLURM_CONF: conf }
  for (const name of ['state', 'spool', 'ends']) mkdirSync(join(folder, name))
  writeFileSync(conf, confOf(folder, 20_000 + 2 * randomInt(5000)))
  writeFileSync(join(folder, 'key'), randomBytes(1024), { mode: 0o400 })
  writeFileSync(join(folder, 'job'), '#!/bin/sh\n/bin/true\n: >"$1"\n', { mode: 0o700 })
  const run = (file: string, ...args: string[]): ChildProcess => spawn(file, args, { env, stdio: 'ignore' })
  const daemons = [
    run(
      'munged',
      '--foreground',
      '--force',
      ...['key', 'socket', 'pid', 'log', 'seed'].map(
        name => `--${name}${name === 'socket' ? '' : '-file'}=${folder}/${name}`
      )
    )
  ]
  for (let tries = 0; !existsSync(join(folder, 'socket')) && tries < TRIES; tries++) await delay(POLL_MS)
  daemons.push(run('slurmctld', '-D'), run('slurmd', '-D', '-N', 'bench'))
  const state = async (): Promise<string> =>
    (await promisify(execFile)('sinfo', ['-h', '-o', '%T'], { env }).catch(() => ({ stdout: '' }))).stdout.trim()
  for (let tries = 1; (await state()) !== 'idle'; tries++) {
    if (tries === TRIES) throw new Error(`Slurm did not start; its logs are in ${folder}`)
    await delay(POLL_MS)
  }

  const waiting = new Map<string, () => void>()
  const watcher = watch(ends, (_, name) => waiting.get(name!)?.())
  let serial = 0
  return {
    async job () {
      const name = String(serial++)
      const ended = new Promise<void>(resolve => waiting.set(name, resolve))
      await promisify(execFile)(
        'sbatch',
        ['-Q', `--output=${folder}/output-${name}`, join(folder, 'job'), join(ends, name)],
        { env }
      )
      await ended
      waiting.delete(name)
    },
    async end () {
      watcher.close()
      while ((await promisify(execFile)('squeue', ['-h'], { env })).stdout !== '') await delay(POLL_MS)
      for (const daemon of daemons.reverse()) {
        daemon.kill()
        await once(daemon, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function confOf (folder: string, port: number): string {
  return `ClusterName=bench
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=${port}
SlurmdPort=${port + 1}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0
SlurmdParameters=config_overrides
NodeName=bench NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=64
PartitionName=bench Nodes=bench Default=YES MaxTime=INFINITE State=UP
`
}
