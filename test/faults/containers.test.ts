// A container that is restarted: all of its processes end at once, and process ids begin again.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kill, place, start, type Place } from '../e2e/launcher-process.ts'
import { count, noFaults } from './check.ts'

const ROUNDS = 5
/** Processes of the next container that take the ids of the last one's supervisors, as leaders of sessions. */
const DECOYS = 60
/** The argument of the decoys' sleep. */
const MARK = String(100_000_000 + process.pid)
const INIT = `i=0; while [ $i -lt ${DECOYS} ]; do setsid sleep ${MARK} & i=$((i + 1)); done; ` +
  'exec 3<&0; "$@" <&3 & wait'
const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', INIT, 'init']
const noNamespace = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
  ? false
  : 'only root can make a pid namespace'

function decoys (): number {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && argumentsOf(name) === `sleep\0${MARK}\0`).length
}

function argumentsOf (pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

async function submitted ({ client, folder }: Place, round: number) {
  const runs = join(folder, `runs-${round}`)
  const ended = await client.submit({ name: 'ended', command: `echo run >> ${runs}.ended; exit 3` })
  await client.ended(ended.id)
  const running = await client.submit({ name: 'running', command: `echo run >> ${runs}.running; sleep 600` })
  for await (const { status } of client.events({ id: running.id })) if (status === 'Running') break
  // Nothing waits for this one: the container may end at any step of its start.
  const started = await client.submit({ name: 'started', command: `echo run >> ${runs}.started; exit 4` })
  return { runs, ended, running, started }
}

function linesOf (file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

t.test('a restarted container loses no job, runs none twice, and ends no process that took an old id', {
  skip: noFaults || noNamespace,
  timeout: 300_000
}, async t => {
  const here = place(t)
  for (let round = 0; round < ROUNDS; round++) {
    const first = await start(t, here, { through: CONTAINER })
    const { runs, ended, running, started } = await submitted(here, round)
    await new Promise(resolve => setTimeout(resolve, 20 * round))
    await kill(first)

    const second = await start(t, here, { through: CONTAINER })
    const { client } = here
    const expected = [
      [ended, { status: 'Finished', exitCode: 3 }],
      [running, { status: 'Failed', reason: 'MachineRestarted' }]
    ] as const
    let wrong = 0
    for (const [{ id, name }, outcome] of expected) {
      if (!t.match(await client.ended(id), outcome, `${name} of round ${round}`)) wrong += 1
    }
    const last = await client.ended(started.id)
    if (!t.ok(last.exitCode === 4 || last.reason === 'MachineRestarted', `started is ${last.reason}`)) wrong += 1
    const most = Math.max(linesOf(`${runs}.ended`), linesOf(`${runs}.running`), linesOf(`${runs}.started`))
    t.equal(most, 1, 'no program ran twice')
    for (const { id } of [ended, running, started]) await client.remove(id)
    const alive = decoys()
    t.equal(alive, DECOYS, 'no process of the new container was ended')
    count({
      containerRestarts: 1,
      jobs: 3,
      wrongOutcomes: wrong,
      doubled: most > 1 ? 1 : 0,
      strangersEnded: DECOYS - alive
    })
    await kill(second)
  }
})
