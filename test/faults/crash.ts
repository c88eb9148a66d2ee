// Loaded into a launcher before its own code (--import). Names each step that changes something outside the process,
// and kills the process with SIGKILL just before the step that a file names.
//
// FAULT_CRASH is the path of that file, a `Crash` as JSON. The file may appear at any time; steps are counted from then
// on. It is renamed to `.met` before the kill, so that it does not kill the next launcher. A deed happens instead of
// the kill, and appends a line to `.done`; FAULT_DISK is the folder whose file system it fills. If FAULT_STEPS is set,
// the name of every step is appended to that file as a line. FAULT_PASSED_MS is time that
// passed since the last launcher: it moves the clock and the time since the boot.

import childProcess from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { ServerResponse } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { basename } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { moveClock } from '../fixtures/move-clock.ts'
import { DEED_MS, type Crash, type Deed } from './crash-point.ts'
import { kindOf } from './fault.ts'
import { FILLER, fillDisk } from './fill-disk.ts'

const { FAULT_CRASH, FAULT_STEPS, FAULT_PASSED_MS, FAULT_DISK } = process.env
const { appendFileSync, readFileSync, renameSync, rmSync } = fs
const kill = process.kill.bind(process)
type Any = (...args: any[]) => any

let asked: string | undefined
let passed = 0
let isInStep = false
const passedMs = Number(FAULT_PASSED_MS ?? 0)
let aheadMs = passedMs

function step (name: string): void {
  // The functions of fs call each other.
  if (isInStep) return
  isInStep = true
  try {
    if (FAULT_STEPS !== undefined) appendFileSync(FAULT_STEPS, `${name}\n`)
    if (FAULT_CRASH !== undefined) dieIfAsked(FAULT_CRASH, name)
  } finally {
    isInStep = false
  }
}

function dieIfAsked (file: string, name: string): void {
  const text = read(file)
  if (text !== asked) passed = 0
  asked = text
  if (text === undefined) return
  const { at, nth = 1, signal = 'SIGKILL', deed } = JSON.parse(text) as Crash
  if (at !== '*' && at !== name) return
  passed += 1
  if (passed < nth) return
  if (deed !== undefined) {
    rmSync(file)
    asked = undefined
    appendFileSync(`${file}.done`, `${JSON.stringify(deed)}\n`)
    begin(deed)
    return
  }
  renameSync(file, `${file}.met`)
  kill(process.pid, signal)
}

function begin (deed: Deed): void {
  if (typeof deed === 'object') {
    aheadMs += deed.clockMs
    setTimeout(() => { aheadMs -= deed.clockMs }, DEED_MS)
    return
  }
  const folder = `${FAULT_DISK}/${FILLER}`
  fillDisk(folder, deed)
  setTimeout(() => {
    isInStep = true
    rmSync(folder, { recursive: true, force: true })
    isInStep = false
  }, DEED_MS)
}

function read (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Equal for every job and every launcher. */
function plain (path: string): string {
  return path.replace(/[0-9a-hjkmnp-tv-z]{26}(-[0-9a-f]{32})?/g, 'ID').replace(/^\.probe-\d+-\d+$/, 'PROBE')
    .replace(/^\.data-[0-9a-f]{16}$/, 'MARKER')
    .replace(/^[0-9a-f]{12}$/, 'INSTANCE').replace(/\.\d+-[0-9a-f]{12}\.tmp$/, '.tmp')
}

function nameOf (path: unknown): string {
  return plain(basename(String(path)))
}

/** Replaces a function with one that names its step first. */
function wrap (owner: object, key: string, name: (...args: any[]) => string | undefined): void {
  const original = (owner as Record<string, Any>)[key]!
  Object.assign(owner, {
    [key]: function (this: unknown, ...args: unknown[]) {
      const named = name.apply(this, args)
      if (named !== undefined) step(named)
      return original.apply(this, args)
    }
  })
}

const opened = new Map<number, string>()
const writes = (flags: unknown): boolean => typeof flags === 'string' && flags !== 'r'

for (const [key, verb] of Object.entries({
  mkdirSync: 'mkdir',
  writeFileSync: 'write',
  rmSync: 'rm',
  chmodSync: 'chmod',
  renameSync: 'rename',
  ftruncateSync: 'truncate'
})) {
  // A text is written to a descriptor without `writeSync`.
  wrap(fs, key, path => typeof path !== 'number'
    ? `${verb} ${nameOf(path)}`
    : key === 'writeFileSync' && opened.has(path) ? `append ${opened.get(path)}` : undefined)
}
wrap(fs, 'openSync', (path, flags) => writes(flags) ? `open ${nameOf(path)}` : undefined)
const { openSync } = fs
fs.openSync = (...args) => {
  const descriptor = openSync(...args)
  opened.set(descriptor, nameOf(args[0]))
  return descriptor
}
wrap(fs, 'writeSync', descriptor => opened.has(descriptor) ? `append ${opened.get(descriptor)}` : undefined)
wrap(fs, 'closeSync', descriptor => { opened.delete(descriptor) })
wrap(fs, 'fdatasync', () => 'sync database')
for (const [key, verb] of Object.entries({
  mkdir: 'mkdir',
  rename: 'rename',
  link: 'link',
  rm: 'rm',
  chmod: 'chmod',
  chown: 'chown',
  symlink: 'link',
  writeFile: 'write'
})) { wrap(promises, key, path => `${verb} ${nameOf(path)}`) }
const { open } = promises
promises.open = async (path, flags, mode) => {
  if (writes(flags)) step(`open ${nameOf(path)}`)
  const handle: FileHandle = await open(path, flags, mode)
  for (const [key, verb] of Object.entries({ writeFile: 'write', sync: 'sync', chmod: 'chmod' })) {
    wrap(handle, key, () => `${verb} ${nameOf(path)}`)
  }
  return handle
}
wrap(process, 'kill', (_pid, signal) => signal === 0 ? undefined : `signal ${signal}`)
wrap(childProcess, 'spawn', command => `spawn ${nameOf(command)}`)
wrap(DatabaseSync.prototype, 'exec', (sql: string) =>
  sql === 'COMMIT' ? 'commit' : sql.includes('CREATE TABLE') ? 'make tables' : undefined
)
wrap(ServerResponse.prototype, 'end', function (this: ServerResponse) {
  const { method, url = '' } = this.req
  return `answer ${method} ${plain(url.replace(/\?.*/, ''))}`
})
const { uptime } = os
os.uptime = () => uptime() + passedMs / 1000
syncBuiltinESMExports()

// Requests to the API server, and its replies.
for (const [channel, verb] of [['undici:request:create', 'request'], ['undici:request:headers', 'reply']] as const) {
  subscribe(channel, message => {
    const { method, origin, path } = (message as { request: { method: string, origin: string, path: string } }).request
    step(`${verb} ${kindOf(method, new URL(path, origin))}`)
  })
}

moveClock(() => aheadMs)
