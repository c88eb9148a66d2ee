// Starts real jobs on a scratch path with hardly any room. Whatever is left, a job either runs and can be killed, or is
// reported as not started; no job has the exit code of a program that did not run.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { RetryableError, type Job } from '../../../launcher/plugin.ts'
import { local } from '../../../plugins/local/index.ts'
import { drive, type Driver } from '../../conformance/driver.ts'
import { localBackend } from '../../conformance/local-backend.ts'
import { until } from '../../fixtures/until.ts'
import { localConfig } from './local-config.ts'
import { noSmallDisk, PAGE_BYTES, smallDisk } from './small-disk.ts'

/** More than a start needs. */
const MOST_LEFT = { pages: 8, inodes: 10 } as const
const OTHER_USER = 'nobody'
const skip = { skip: noSmallDisk }

type Unit = keyof typeof MOST_LEFT

/** A plugin on a small disk. `ran` is a file elsewhere, which the programs write. */
async function onSmallDisk (t: Test, user?: string) {
  const scratchPath = smallDisk(t, 'size=400k,nr_inodes=60')
  const outside = mkdtempSync(join(tmpdir(), 'ran-'))
  t.teardown(() => rmSync(outside, { recursive: true }))
  chmodSync(outside, 0o777)
  const backend = await localBackend({}, user)
  t.teardown(() => backend.end())
  const driver = await drive({
    ...backend,
    open: context => local.create(localConfig(), { ...context, scratchPath })
  })
  t.teardown(() => driver.close())
  return {
    driver,
    scratchPath,
    ran: join(outside, 'ran'),
    stateOf: ({ id }: Job): string => {
      const path = join(scratchPath, 'jobs', id, 'state')
      return existsSync(path) ? readFileSync(path, 'utf8') : ''
    }
  }
}

/** Leaves so many pages or inodes. The returned function makes room. */
function fillTo (disk: string, unit: Unit, count: number): () => void {
  const { bavail, ffree } = statfsSync(disk)
  const folder = join(disk, 'fillers')
  mkdirSync(folder)
  if (unit === 'pages') writeFileSync(join(folder, 'filler'), Buffer.alloc((bavail - count) * PAGE_BYTES))
  else for (let free = ffree - 1; free > count; free--) writeFileSync(join(folder, String(free)), '')
  return () => rmSync(folder, { recursive: true })
}

/** Starts the job. `waiting`: it could not start for want of room. */
async function start (driver: Driver, job: Job): Promise<'running' | 'waiting' | 'ended'> {
  try {
    await driver.start(job)
  } catch (error) {
    if (error instanceof RetryableError && /ENOSPC/.test(error.message)) return 'waiting'
    throw error
  }
  const seen = await driver.untilSeen(job, seen => seen.state === 'running' || isWaiting(seen))
  return seen.state === 'running' || seen.state === 'ended' ? seen.state : 'waiting'
}

function isWaiting (seen: { state: string, message?: string }): boolean {
  return seen.state === 'created' || (seen.state === 'pending' && seen.message !== undefined)
}

const NOT_STARTED = { status: 'Failed', reason: 'StartFailed', exitCode: undefined }
const units = Object.keys(MOST_LEFT) as Unit[]
const cases = units.flatMap(unit => [undefined, OTHER_USER].map(user => ({ unit, user })))

for (const { unit, user } of cases) {
  const who = user === undefined ? "the launcher's user" : 'another user'

  t.test(`with few ${unit} left, a running job of ${who} can be killed`, skip, async t => {
    const { driver, scratchPath, ran, stateOf } = await onSmallDisk(t, user)
    const ways = new Set<string>()
    for (let left = 0; left <= MOST_LEFT[unit]; left++) {
      const where = `${left} ${unit} left`
      const makeRoom = fillTo(scratchPath, unit, left)
      const job = await driver.prepare({ name: 'x', command: `echo $$ > ${ran}; exec sleep 300` })
      const begun = await start(driver, job)
      if (begun === 'running') {
        await until(() => existsSync(ran) || /^exit /m.test(stateOf(job)))
        await driver.control(job, 'kill')
      }
      if (begun === 'waiting') t.notOk(existsSync(ran), where)
      else if (existsSync(ran)) {
        t.match((await driver.untilEnded(job)).outcome, { status: 'Killed', exitCode: 137 }, where)
        t.notOk(existsSync(`/proc/${readFileSync(ran, 'utf8').trim()}`), `${where}: the program is gone`)
        rmSync(ran)
        ways.add('killed')
      } else {
        t.match((await driver.untilEnded(job)).outcome, NOT_STARTED, where)
        ways.add('not started')
      }
      await driver.forget(job)
      makeRoom()
    }
    t.ok(ways.has('killed'), 'one of them ran')
  })

  t.test(`with few ${unit} left, a program of ${who} has an exit code only if it ran`, skip, async t => {
    const { driver, scratchPath, ran } = await onSmallDisk(t, user)
    for (let left = 0; left <= MOST_LEFT[unit]; left++) {
      const where = `${left} ${unit} left`
      const makeRoom = fillTo(scratchPath, unit, left)
      const job = await driver.prepare({ name: 'x', command: `echo x >> ${ran}; exit 3`, stdin: 'x' })
      if (await start(driver, job) === 'waiting') {
        t.notOk(existsSync(ran), where)
        makeRoom()
        await driver.until(job, 'created', 'absent')
        await driver.start(job)
        t.match((await driver.untilEnded(job)).outcome, { exitCode: 3 }, `${where}, then there was room`)
        t.equal(readFileSync(ran, 'utf8'), 'x\n', 'it ran once')
      } else {
        const { outcome } = await driver.untilEnded(job)
        t.match(outcome, existsSync(ran) ? { status: 'Finished', exitCode: 3 } : NOT_STARTED, where)
        makeRoom()
      }
      rmSync(ran, { force: true })
      await driver.forget(job)
    }
  })
}

t.test('a cancel with no room for its claim is refused as StoreUnavailable', skip, async t => {
  const { driver, scratchPath, ran } = await onSmallDisk(t)
  const makeRoom = fillTo(scratchPath, 'inodes', 4)
  const job = await driver.prepare({ name: 'x', command: `echo x >> ${ran}`, stdin: 'x' })
  t.equal(await start(driver, job), 'waiting')
  await t.rejects(driver.control(job, 'cancel'), { code: 'StoreUnavailable', message: /ENOSPC/ })
  makeRoom()
  await driver.control(job, 'cancel')
  t.match((await driver.untilEnded(job)).outcome, { status: 'Canceled', reason: 'CanceledOnRequest' })
  t.notOk(existsSync(ran))
})
