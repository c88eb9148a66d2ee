import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDisk, type Disk } from '../../../launcher/jobs/disk.ts'
import { fill } from '../../e2e/fill.ts'
import { noSmallDisk, smallDisk } from '../../plugins/local/small-disk.ts'

const KIB = 1024

interface Opened extends Disk {
  readonly folder: string
  readonly filler: string
  readonly logged: string[]
  readonly rooms: () => number
  /** The state is read at most ten times a second. */
  next (): Promise<ReturnType<Disk['state']>>
}

function open (t: Test, size: string): Opened {
  const folder = smallDisk(t, `size=${size}`)
  const logged: string[] = []
  let rooms = 0
  const log = (_facts: object, message: string): void => { logged.push(message) }
  const disk = openDisk(folder, { log: { info: log, warn: log } as never, onRoom: () => { rooms++ } })
  return {
    ...disk,
    folder,
    filler: join(folder, 'filler'),
    logged,
    rooms: () => rooms,
    async next () {
      await delay(110)
      return disk.state()
    }
  }
}

t.test('a reserve of 4 MiB is made, and of less on a small disk', { skip: noSmallDisk }, t => {
  const large = open(t, '100m')
  t.match(large.state(), { full: false, freeBytes: 96 * KIB * KIB })
  t.equal(statSync(large.reserveFile).size, 4 * KIB * KIB)
  t.equal(statSync(large.reserveFile).mode & 0o777, 0o600)
  const small = open(t, '1m')
  t.match(small.state(), { full: false })
  t.equal(statSync(small.reserveFile).size, 64 * KIB)
  t.ok(readFileSync(small.reserveFile).subarray(0, 4096).every(byte => byte === 0), 'it is no log of a database')
  t.end()
})

t.test('a disk is full when users have no room left, and is not at once when they have', { skip: noSmallDisk },
  async t => {
    const { state, problem, next, folder, filler, logged, rooms } = open(t, '1m')
    t.equal(state().full, false)
    t.equal(problem(), undefined)
    fill(filler)
    t.same(await next(), { full: true, freeBytes: 0 })
    t.match(problem(), {
      code: 'StoreUnavailable',
      message: `The disk of the scratch path ${folder} (Launcher.ScratchPath) is full: 0 bytes are free.`,
      details: { scratchPath: folder, freeBytes: 0, retryAfterSeconds: 10 }
    })
    truncateSync(filler, statSync(filler).size - 20 * KIB)
    t.match(await next(), { full: true, freeBytes: 20 * KIB })
    truncateSync(filler, statSync(filler).size - 12 * KIB)
    t.match(await next(), { full: false, freeBytes: 32 * KIB })
    t.same(logged, ['disk full', 'disk has room again'])
    t.equal(rooms(), 1)
  })

t.test('the freed reserve is made again when there is clearly room for it', { skip: noSmallDisk }, async t => {
  const { state, release, next, filler, reserveFile, logged } = open(t, '1m')
  state()
  fill(filler)
  t.ok(release())
  t.notOk(release(), 'it can be freed once')
  t.match(state(), { full: true, freeBytes: 64 * KIB }, 'the room is not for submissions')
  t.match(await next(), { full: true, freeBytes: 64 * KIB })
  rmSync(filler)
  t.match(await next(), { full: false })
  t.equal(statSync(reserveFile).size, 64 * KIB)
  t.same(logged, ['disk full, reserve freed', 'disk full', 'disk has room again'])
})

t.test('a reserve that a crash cut is made anew', { skip: noSmallDisk }, async t => {
  const { state, next, reserveFile } = open(t, '1m')
  state()
  truncateSync(reserveFile, 4096)
  t.match(await next(), { full: false })
  t.equal(statSync(reserveFile).size, 64 * KIB)
})

t.test('a launcher that finds no room for a reserve has a full disk', { skip: noSmallDisk }, t => {
  const { state, folder, filler } = open(t, '64k')
  fill(filler)
  t.match(state(), { full: true })
  t.equal(execFileSync('ls', [folder], { encoding: 'utf8' }), 'filler\n')
  t.end()
})
