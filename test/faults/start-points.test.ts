import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { ClientJob } from '../../launcher/client/client.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { count, endStage, leftoversOf, noFaults } from './check.ts'
import { localWorld } from './local-world.ts'
import { confOf, openStage, type Stage } from './stage.ts'
import { EXPIRY, FIRST_START, RENDERING, RENDERING_EDITED } from './start-points.ts'

const AT_ONCE = 4
const DAY_MS = 86_400_000

/** The conf files without what differs from place to place. */
function confText ({ here }: Stage): string {
  return JSON.stringify(confOf(here)).replaceAll(here.folder, 'FOLDER')
}

function setName ({ here }: Stage, name: string): void {
  writeFileSync(
    here.settings,
    readFileSync(here.settings, 'utf8').replace(/\n(InstanceName = .*\n)?$/, `\nInstanceName = ${name}\n`)
  )
}

async function killedOnce (t: Test, stage: Stage, work: () => Promise<unknown>, step: string): Promise<void> {
  const before = stage.kills
  await work()
  t.equal(stage.kills - before, 1, `killed before ${step}`)
  count({ kills: 1 })
}

t.test(
  'a launcher that is killed at any step of its start starts the next time, with whole files',
  { skip: noFaults },
  async t => {
    t.jobs = AT_ONCE
    const calm = await openStage(t, localWorld(t))
    const whole = confText(calm)
    await endStage(t, calm)

    for (const at of FIRST_START) {
      t.test(`the first start, killed at ${at}`, { buffered: true }, async t => {
        const stage = await openStage(t, localWorld(t), { crashes: [{ at }] })
        t.equal(stage.kills, 1, 'it was killed there')
        count({ kills: 1 })
        t.equal(confText(stage), whole, 'the conf files are whole')
        await endStage(t, stage)
      })
    }

    t.test('a start with a changed setting', { buffered: true }, async t => {
      const stage = await openStage(t, localWorld(t))
      setName(stage, 'name-calm')
      await stage.restart({})
      const named = confText(stage)
      for (const [index, at] of RENDERING.entries()) {
        setName(stage, `name-${index}`)
        await killedOnce(t, stage, () => stage.restart({ crashes: [{ at }] }), at)
        t.equal(confText(stage), named.replaceAll('name-calm', `name-${index}`))
      }
      await endStage(t, stage)
    })

    t.test('a start with a conf file edited by hand', { buffered: true }, async t => {
      const stage = await openStage(t, localWorld(t))
      for (const at of RENDERING_EDITED) {
        appendFileSync(join(stage.here.configDir, 'launcher.conf'), `# edited before ${at}\n`)
        setName(stage, at.replaceAll(' ', '-'))
        await killedOnce(t, stage, () => stage.restart({ crashes: [{ at }] }), at)
        const edited = join(stage.here.configDir, 'launcher.conf.edited')
        t.match(readFileSync(edited, 'utf8'), new RegExp(`# edited before ${at}\n$`), 'what was edited is kept')
        t.notMatch(confOf(stage.here)['launcher.conf'], /# edited/)
        rmSync(edited)
      }
      await endStage(t, stage)
    })

    const EXPIRED = {
      output: { settings: { JobExpiry: '20s' }, isDone: ({ outputExpired }: ClientJob) => outputExpired === true },
      history: { settings: { JobExpiry: '20s', JobHistory: '20s' }, isDone: () => false }
    }
    for (const [what, { settings, isDone }] of Object.entries(EXPIRED)) {
      t.test(`a start with a job whose ${what} has expired`, { buffered: true }, async t => {
        const stage = await openStage(t, localWorld(t), { settings })
        const { client } = stage.here
        for (const [index, at] of EXPIRY.entries()) {
          const { id } = await client.submit({ name: 'short', command: 'exit 0' })
          await client.ended(id)
          t.match(await client.get(id), { status: 'Finished', outputExpired: undefined }, 'it is kept for its time')
          const before = stage.kills
          await stage.restart({ passedMs: (2 * index + 1) * DAY_MS, crashes: [{ at }] })
          for (;;) {
            const done = await client.get(id).then(isDone, error => {
              if (isLauncherError(error, 'LauncherUnreachable')) return false
              t.equal(what, 'history', 'the job stays when its output goes')
              return isLauncherError(error, 'JobNotFound')
            })
            // A job says that its output has expired before the output is removed.
            if (done && stage.kills > before && (await leftoversOf(stage, [id])).length === 0) break
            await delay(50)
          }
          t.equal(stage.kills - before, 1, `killed before ${at}`)
          count({ kills: 1, jobs: 1 })
          await stage.restart({})
        }
        await endStage(t, stage)
      })
    }
  }
)
