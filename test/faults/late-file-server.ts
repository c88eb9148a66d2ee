// The process behind late-file-system.ts: answers the requests of the kernel on descriptor 3. Arguments: the folder,
// the milliseconds for which the kernel caches, and those after which bytes become visible.

import { closeSync, lstatSync, openSync, read, readSync, writeSync, type Stats } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import type { Order } from './late-file-system.ts'

/** See include/uapi/linux/fuse.h. */
const LOOKUP = 1
const FORGET = 2
const GETATTR = 3
const OPEN = 14
const READ = 15
const STATFS = 17
const RELEASE = 18
const FLUSH = 25
const INIT = 26
const INTERRUPT = 36
const BATCH_FORGET = 42

const DEVICE = 3
const IN_HEADER = 40
const OUT_HEADER = 16
const ATTRIBUTES = 88
const MAX_WRITE = 131_072
const ROOT = 1
const SAMPLE_MS = 20
const MAJOR = 7
const MINOR = 31

const [folder, ...numbers] = process.argv.slice(2)
const [cacheMs, lateMs] = numbers.map(Number) as [number, number]
const paths = new Map<number, string>([[ROOT, folder!]])
const nodes = new Map<string, number>([[folder!, ROOT]])
/** The sizes that each file had, with the time since which it had them. */
const sizes = new Map<string, Array<{ since: number, size: number }>>()
let errno = 0

function sizeNow (path: string): number {
  try {
    return lstatSync(path).size
  } catch {
    return 0
  }
}

function sample (path: string): void {
  const seen = sizes.get(path) ?? []
  sizes.set(path, seen)
  const size = sizeNow(path)
  if (seen.at(-1)?.size !== size) seen.push({ since: performance.now(), size })
}

setInterval(() => { for (const path of sizes.keys()) sample(path) }, SAMPLE_MS)

function visibleSize (path: string): number {
  sample(path)
  const until = performance.now() - lateMs
  return sizes.get(path)!.findLast(({ since }) => since <= until)?.size ?? 0
}

/** The number of a file, which it keeps. */
function nodeOf (path: string): number {
  const node = nodes.get(path) ?? nodes.size + 1
  nodes.set(path, node)
  paths.set(node, path)
  return node
}

function attributesOf (path: string, node: number, stat: Stats): Buffer {
  const out = Buffer.alloc(ATTRIBUTES)
  const size = stat.isFile() ? visibleSize(path) : stat.size
  for (const [at, value] of [node, size, Math.ceil(size / 512)].entries()) out.writeBigUInt64LE(BigInt(value), 8 * at)
  for (const [at, value] of [stat.mode, stat.nlink, stat.uid, stat.gid].entries()) out.writeUInt32LE(value, 60 + 4 * at)
  out.writeUInt32LE(4096, 80)
  return out
}

/** Seconds as 64 bits, then elsewhere nanoseconds as 32. */
function writeCacheTime (out: Buffer, secondsAt: number, nanosecondsAt: number): void {
  out.writeBigUInt64LE(BigInt(Math.floor(cacheMs / 1000)), secondsAt)
  out.writeUInt32LE(cacheMs % 1000 * 1e6, nanosecondsAt)
}

function lookUp (parent: string, name: string): Buffer {
  const path = join(parent, name)
  const stat = lstatSync(path)
  const node = nodeOf(path)
  const out = Buffer.alloc(40)
  out.writeBigUInt64LE(BigInt(node), 0)
  writeCacheTime(out, 16, 32)
  writeCacheTime(out, 24, 36)
  return Buffer.concat([out, attributesOf(path, node, stat)])
}

function getAttributes (path: string, node: number): Buffer {
  const out = Buffer.alloc(16)
  writeCacheTime(out, 0, 8)
  return Buffer.concat([out, attributesOf(path, node, lstatSync(path))])
}

function readFile (path: string, offset: number, length: number): Buffer {
  if (errno !== 0) throw Object.assign(new Error('asked to fail'), { errno: -errno })
  const file = openSync(path, 'r')
  try {
    const out = Buffer.alloc(Math.max(0, Math.min(length, visibleSize(path) - offset)))
    return out.subarray(0, out.length === 0 ? 0 : readSync(file, out, 0, out.length, offset))
  } finally {
    closeSync(file)
  }
}

function begin (body: Buffer): Buffer {
  const out = Buffer.alloc(64)
  out.writeUInt32LE(MAJOR, 0)
  out.writeUInt32LE(MINOR, 4)
  body.copy(out, 8, 8, 12)
  out.writeUInt32LE(MAX_WRITE, 20)
  out.writeUInt32LE(1, 24)
  return out
}

/** Undefined for requests without an answer. */
function answerTo (operation: number, node: number, body: Buffer): Buffer | undefined {
  const path = paths.get(node)!
  switch (operation) {
    case INIT: process.send!('ready'); return begin(body)
    case LOOKUP: return lookUp(path, body.toString('utf8', 0, body.indexOf(0)))
    case GETATTR: return getAttributes(path, node)
    case OPEN: return Buffer.alloc(16)
    case READ: return readFile(path, Number(body.readBigUInt64LE(8)), body.readUInt32LE(16))
    case STATFS: return Buffer.alloc(80)
    case RELEASE: case FLUSH: return Buffer.alloc(0)
    case FORGET: case BATCH_FORGET: case INTERRUPT: return undefined
    default: throw Object.assign(new Error(`operation ${operation} of ${basename(path)}`), {
      errno: -constants.errno.ENOSYS
    })
  }
}

function reply (request: Buffer): void {
  const header = Buffer.alloc(OUT_HEADER)
  request.copy(header, 8, 8, 16)
  let answer: Buffer | undefined
  try {
    answer = answerTo(request.readUInt32LE(4), Number(request.readBigUInt64LE(16)), request.subarray(IN_HEADER))
    if (answer === undefined) return
  } catch (error) {
    header.writeInt32LE((error as NodeJS.ErrnoException).errno ?? -constants.errno.EIO, 4)
    answer = Buffer.alloc(0)
  }
  header.writeUInt32LE(OUT_HEADER + answer.length, 0)
  writeSync(DEVICE, Buffer.concat([header, answer]))
}

process.on('message', (order: Order) => {
  errno = order.errno
  process.send!('done')
})
process.on('disconnect', () => process.exit())

const buffer = Buffer.alloc(MAX_WRITE + 4096)
function next (): void {
  read(DEVICE, buffer, 0, buffer.length, null, (error, count) => {
    // ENODEV: the file system was unmounted. A request that was interrupted before it was read is ENOENT.
    if (error?.code === 'ENODEV') process.exit()
    if (error === null) reply(buffer.subarray(0, count))
    next()
  })
}
next()
