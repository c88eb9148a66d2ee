// Programs of a user that attack a launcher which is root: through the files that they may write, through the paths
// that they name, and through their processes.

import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isLauncherError } from '../../launcher/errors.ts'
import type { LauncherClient } from '../../launcher/client/client.ts'
import type { JobSubmission, Operation } from '../../launcher/plugin.ts'
import { place, start } from '../e2e/launcher-process.ts'
import { isGone } from '../fixtures/is-gone.ts'
import { count, noFaults } from './check.ts'

const noUsers = process.getuid!() === 0 ? false : 'only root can run jobs of other users'
const ATTACKER = 'nobody'
const VICTIM = 'daemon'
const SECRET = 'only-root-may-read-this'
const OPERATIONS: ReadonlyArray<Operation | undefined> = ['stop', 'kill', 'suspend', undefined]
/** A program that is not asked to end ends by itself. */
const LIVES = 'sleep 2; exit 0'

interface Scene {
  /** A process of root's that is the leader of a session. */
  readonly target: ChildProcess
  /** A file that only root can read. */
  readonly secret: string
  /** A folder that every user can write. */
  readonly shared: string
}

/** What an attacker submits. `own` is a path in the shared folder. */
const ATTACKS: Readonly<Record<string, (scene: Scene, own: string) => Partial<JobSubmission>>> = {
  'writes a state of another process into its own files': ({ target }) => ({
    command: 'line="started b007 0 ' + `${target.pid} (sh) S 1 ${target.pid} ${target.pid}"; ` +
      'for file in /proc/self/fd/*; do echo "$line" > "$file"; echo "exit 0" > "$file"; done 2>/dev/null; ' + LIVES
  }),
  'writes reports that its program never ran': () => ({
    command: 'for file in /proc/$PPID/fd/* /proc/self/fd/*; do echo "failed StartFailed" > "$file"; done ' +
      `2>/dev/null; ${LIVES}`
  }),
  'names the secret as its output': ({ secret }) => ({ command: LIVES, stdoutFile: secret }),
  'swaps its output for a link to the secret': ({ secret }, own) => ({
    command: `rm -f ${own}; ln -s ${secret} ${own}; ${LIVES}`,
    stdoutFile: own
  }),
  'swaps its output for a pipe': (_, own) => ({ command: `rm -f ${own}; mkfifo ${own}; ${LIVES}`, stdoutFile: own }),
  'leaves its session and names the job of another user': () => ({
    command: `setsid env JOB_LAUNCHER_JOB_ID=01m8jf68ec18v70rjndrmmkpk0 sleep 30 & ${LIVES}`
  }),
  'signals whatever it can': () => ({ command: `kill -STOP $PPID; kill -9 $PPID; ${LIVES}` }),
  'fills its report and its error output': () => ({
    command: `head -c 2000000 /dev/zero >&2; for f in /proc/self/fd/*; do head -c 9999 /dev/zero > $f; done; ${LIVES}`
  })
}

async function scene (t: Test): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const shared = join(folder, 'shared')
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  const secret = join(folder, 'secret')
  writeFileSync(secret, SECRET, { mode: 0o600 })
  const target = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  t.teardown(() => { target.kill('SIGKILL') })
  return { target, secret, shared }
}

/** What the launcher returns of the output; empty if it refuses. */
async function textOf (client: LauncherClient, id: string): Promise<string> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of client.output(id, { stream: 'stdout' })) pieces.push(piece)
  } catch (error) {
    if (!isLauncherError(error)) throw error
  }
  return Buffer.concat(pieces).toString()
}

// Most of the time is waiting.
t.jobs = 4
for (const [what, attack] of Object.entries(ATTACKS)) {
  t.test(`a program that ${what} reaches nothing of others`, {
    skip: noFaults || noUsers,
    buffered: true,
    timeout: 300_000
  }, async t => {
    const facts = await scene(t)
    const here = place(t)
    const { exit } = await start(t, here)
    let gone = false
    exit.then(() => { gone = true })
    const { client } = here
    const victim = await client.submit({ name: 'victim', command: 'echo mine; sleep 8; exit 7', user: VICTIM })
    await Promise.all(OPERATIONS.map(async operation => {
      const own = join(facts.shared, String(operation))
      const { id } = await client.submit({ name: 'attack', user: ATTACKER, ...attack(facts, own) })
      for await (const { status } of client.events({ id })) if (status !== 'Pending') break
      if (operation !== undefined) {
        await new Promise(resolve => setTimeout(resolve, 300))
        await client.control(id, operation).catch(error => {
          if (!isLauncherError(error, 'InvalidJobState')) throw error
        })
      }
      const read = await textOf(client, id)
      if (operation === 'suspend') await client.control(id, 'kill').catch(() => {})
      await client.ended(id)
      const kept = await textOf(client, id)
      const secretsRead = `${read}${kept}`.includes(SECRET) ? 1 : 0
      t.equal(secretsRead, 0, `${operation ?? 'no operation'}: the secret was not read`)
      await client.remove(id)
      count({ hostilePrograms: 1, jobs: 1, secretsRead })
    }))
    const ended = await client.ended(victim.id)
    const isRight = t.match(ended, { status: 'Finished', reason: 'Exited', exitCode: 7 }, 'the other user\'s job')
    const output = await textOf(client, victim.id)
    t.equal(output, 'mine\n')
    const strangersEnded = isGone(facts.target.pid!) ? 1 : 0
    t.equal(strangersEnded, 0, 'the process that was named lives')
    t.notOk(gone, 'the launcher runs')
    count({ jobs: 1, strangersEnded, wrongOutcomes: isRight ? 0 : 1, bytesLost: output === 'mine\n' ? 0 : 1 })
  })
}
