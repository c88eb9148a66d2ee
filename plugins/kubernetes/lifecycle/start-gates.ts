// Gives each job a pass to start with, and takes it back once its program has started: whatever pod Kubernetes makes
// after that cannot start its container, also while no launcher runs.

import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { singleFlight } from '../../../launcher/lib/single-flight.ts'
import { configMapsPath } from '../client/paths.ts'
import { isAlreadyExists, isForbidden, isNotFound, ignoreNotFound } from '../client/errors.ts'
import type { Call, Calls } from '../client/client.ts'
import type { ClusterCache } from '../cache/cluster-cache.ts'
import type { Owner } from '../metadata/labels.ts'
import { minorOf, VERSION_PATH, type ServerVersion } from '../client/server-version.ts'
import { canMakePods, gateObject, isSpent, needsGate, PASSES, passKey, takeBackPatch } from './start-gate.ts'
import { startFailure } from '../state/start-failure.ts'
import type { StartToken } from '../metadata/start-token.ts'

export interface StartGates {
  /**
   * The job's pass, the same for each try of its start; undefined where the server needs none. Throws as a start does.
   */
  tokenFor (id: string): Promise<StartToken | undefined>
  /** To be called at each change of a job: takes its pass back soon, once its program has started. */
  check (id: string): void
  /**
   * Takes the pass of a job back: once it resolves, no container of the job starts that has not by then. Rejects when
   * it could not; it is tried again soon.
   */
  revoke (id: string): Promise<void>
  /** The job will not start: no Job of it was made, or it is over. */
  leave (id: string): void
  /** The job is forgotten. */
  drop (id: string): void
  /** Names of the gates that a job still needs, or a new one may get its pass from. */
  needed (): ReadonlySet<string>
  /** Takes back what is to be taken back. */
  close (): Promise<void>
}

export interface StartGatesDependencies {
  readonly client: Calls
  readonly cache: Pick<ClusterCache, 'jobOf' | 'podsOf' | 'ids'>
  readonly namespace: string
  readonly owner: () => Owner
  readonly log: Logger
  /** Milliseconds that only go forward. */
  readonly now?: () => number
}

interface Gate {
  readonly name: string
  /** Until when jobs may get a pass of it, in milliseconds of `now`; 0 for a gate of an earlier launcher. */
  readonly joinUntil: number
  given: number
  /** Jobs with a pass of it that have not started. */
  readonly waiting: Set<string>
  /** Keys to be taken away, each with its job. */
  readonly returned: Map<string, string>
}

/** How long jobs may join a gate. If the gate is deleted, only the jobs that joined it in this time are delayed. */
const JOIN_MS = 5000
/** The passes of jobs that start within so long are taken back by one write. */
const TAKE_BACK_MS = 1000
const RETRY_MS = 30_000
/** An orderly end of the launcher does not wait longer for a cluster that is away. */
const CLOSE_MS = 1000

export function createStartGates ({
  client,
  cache,
  namespace,
  owner,
  log,
  now = () => performance.now()
}: StartGatesDependencies): StartGates {
  const gates = new Map<string, Gate>()
  const passes = new Map<string, StartToken>()
  /** Jobs whose pass is not needed any more, and whether it is known to be taken back. */
  const spent = new Map<string, boolean>()
  let current: Gate | undefined
  let version: Promise<ServerVersion> | undefined
  let timer: NodeJS.Timeout | undefined
  const making = singleFlight(make)

  /** Asked once; one that does not tell counts as old. */
  async function isNeeded (): Promise<boolean> {
    try {
      return needsGate(minorOf(await (version ??= client.call<ServerVersion>({ method: 'GET', path: VERSION_PATH }))))
    } catch (error) {
      if (isForbidden(error) || isNotFound(error)) return needsGate(undefined)
      version = undefined
      throw error
    }
  }

  async function make (): Promise<void> {
    const name = `gate-${randomBytes(8).toString('hex')}`
    try {
      await client.call({ method: 'POST', path: configMapsPath(namespace), body: gateObject(name, owner()) })
    } catch (error) {
      if (!isAlreadyExists(error)) throw startFailure(error, 'ConfigMap', namespace)
    }
    current = { name, joinUntil: now() + JOIN_MS, given: 0, waiting: new Set(), returned: new Map() }
    gates.set(name, current)
  }

  function mayJoin (gate: Gate): boolean {
    return gate.given < PASSES && now() < gate.joinUntil
  }

  /**
   * One that this launcher made; those of earlier ones are swept, because the create of a Job may still be under way.
   */
  function isDone (gate: Gate): boolean {
    return gate.joinUntil > 0 && gate.waiting.size === 0 && !mayJoin(gate)
  }

  function gateOf (name: string): Gate {
    const gate = gates.get(name) ?? { name, joinUntil: 0, given: PASSES, waiting: new Set(), returned: new Map() }
    gates.set(name, gate)
    return gate
  }

  function arm (ms = TAKE_BACK_MS): void {
    timer ??= setTimeout(() => {
      timer = undefined
      tidy().then(() => { if ([...gates.values()].some(isPending)) arm() }, err => {
        log.warn({ err }, 'passes of jobs that have started could not be taken back; it is tried again')
        arm(RETRY_MS)
      })
    }, ms).unref()
  }

  function isPending ({ joinUntil, waiting, returned }: Gate): boolean {
    return returned.size > 0 || (joinUntil > 0 && waiting.size === 0)
  }

  async function tidy (deadline: Pick<Call, 'deadlineMs'> = {}): Promise<void> {
    for (const gate of [...gates.values()]) await write(gate, deadline)
  }

  /** Repeats do not matter; nothing is wrong when the gate is gone. */
  async function write (gate: Gate, deadline: Pick<Call, 'deadlineMs'> = {}): Promise<void> {
    const path = `${configMapsPath(namespace)}/${gate.name}`
    const returned = [...gate.returned]
    const done = isDone(gate)
    if (done) await ignoreNotFound(client.call({ method: 'DELETE', path, ...deadline }))
    else if (returned.length > 0) {
      await ignoreNotFound(
        client.call({
          method: 'PATCH',
          path,
          body: takeBackPatch(returned.map(([key]) => key)),
          contentType: 'application/merge-patch+json',
          ...deadline
        })
      )
    }
    for (const [key, id] of returned) {
      gate.returned.delete(key)
      // Unless the job was dropped meanwhile.
      if (spent.has(id)) spent.set(id, true)
    }
    if (done || (gate.joinUntil === 0 && gate.returned.size === 0)) gates.delete(gate.name)
  }

  function leave (id: string): void {
    const pass = passes.get(id)
    if (pass === undefined) return
    passes.delete(id)
    gates.get(pass.gate)?.waiting.delete(id)
    arm()
  }

  function giveBack (id: string): void {
    const jobView = cache.jobOf(id)
    if (jobView?.pass === undefined || spent.has(id)) return
    spent.set(id, false)
    leave(id)
    if (canMakePods(jobView)) giveUp(id, jobView.pass)
  }

  function giveUp (id: string, { gate: name, key }: StartToken): Gate {
    const gate = gateOf(name)
    gate.returned.set(key, id)
    arm()
    return gate
  }

  return {
    async tokenFor (id) {
      if (!await isNeeded()) return undefined
      for (;;) {
        const known = passes.get(id)
        if (known !== undefined) return known
        if (current !== undefined && mayJoin(current)) {
          const pass = { gate: current.name, key: passKey(current.given++) }
          current.waiting.add(id)
          passes.set(id, pass)
          return pass
        }
        await making.run()
      }
    },

    check (id) {
      const jobView = cache.jobOf(id)
      if (jobView?.pass !== undefined && isSpent(jobView, cache.podsOf(id))) giveBack(id)
    },

    async revoke (id) {
      const pass = cache.jobOf(id)?.pass
      if (pass === undefined || spent.get(id) === true) return
      giveBack(id)
      await write(giveUp(id, pass))
    },

    leave,

    drop (id) {
      leave(id)
      spent.delete(id)
    },

    needed () {
      const names = new Set(gates.keys())
      for (const id of cache.ids()) {
        const jobView = cache.jobOf(id)
        if (jobView?.pass !== undefined && !isSpent(jobView, cache.podsOf(id))) names.add(jobView.pass.gate)
      }
      return names
    },

    async close () {
      clearTimeout(timer)
      // What cannot be taken back now is by the next launcher.
      await tidy({ deadlineMs: CLOSE_MS }).catch(() => {})
    }
  }
}
