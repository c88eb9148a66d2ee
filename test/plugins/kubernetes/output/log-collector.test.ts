import { EventEmitter, once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import pino from 'pino'
import t from 'tap'
import { spoolPath, readSpoolState } from '../../../../plugins/kubernetes/output/spool-file.ts'
import { createLogCollector } from '../../../../plugins/kubernetes/output/log-collector.ts'
import { type TrackedPod, isRunning } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { json, tinyServer } from '../client/tiny-server.ts'
import { gonePod, podOf, running, trackedPod, terminated, waiting } from '../sample-views.ts'

type Test = Parameters<typeof tinyServer>[0] & { testdir: () => string }

/** A node's log of one pod, and what its readers are answered. */
interface Log {
  text: string
  /** The program runs. */
  runs: boolean
  /** Readers that wait for more. */
  readonly readers: Set<ServerResponse>
  /** Answers instead of the log. */
  instead?: (reply: ServerResponse, follow: boolean) => void
}

const at = (line: number): string => new Date(1_800_000_000_000 + line * 10).toISOString()
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `${at(from + index)} line ${from + index}\n`).join('')
const plain = (from: number, to: number): string => lines(from, to).replaceAll(/^\S+ /gm, '')
const status =
  (code: number, reason: string, message: string) =>
    (reply: ServerResponse): void =>
      json(reply, code, { kind: 'Status', code, reason, message })
const GONE = status(404, 'NotFound', 'pods "p" not found')
const running1 = trackedPod(podOf())
const ended1 = trackedPod(podOf(), podOf({ phase: 'Succeeded', containers: [terminated(0)] }))

/** Nodes with the logs of pods, which are known by their uid, and launchers that read them. */
async function nodes (t: Test) {
  const logs = new Map<string, Log>()
  const news = new EventEmitter().setMaxListeners(0)
  const pods = new Map<string, TrackedPod>()
  const { client, requests } = await tinyServer(t, (request, reply) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x')
    const log = logs.get(pathname.split('/').at(-2)!)!
    const follow = searchParams.get('follow') === 'true'
    news.emit('news')
    if (log.instead !== undefined) return log.instead(reply, follow)
    const since = searchParams.get('sinceTime') ?? ''
    reply.write(log.text.split(/(?<=\n)/).filter(line => line.slice(0, 19) >= since.slice(0, 19)).join(''))
    if (!follow || !log.runs) {
      reply.end()
      return
    }
    log.readers.add(reply)
    reply.on('close', () => log.readers.delete(reply))
  })
  const path = t.testdir()
  const counts = { kept: [] as string[] }

  function launcher () {
    const keeper = createLogCollector({
      client,
      namespace: 'n',
      scratchPath: path,
      currentPod: (id, uid) => [pods.get(id)].find(pod => pod?.uid === uid),
      onComplete (id) { counts.kept.push(id); news.emit('news') },
      metrics: { reopened () {}, foreignLines () {} },
      log: pino({ level: 'silent' })
    })
    t.teardown(() => keeper.close())
    return keeper
  }
  function pod (id: string, sight: TrackedPod = running1): TrackedPod {
    const mine = { ...sight, name: id }
    pods.set(id, mine)
    if (!logs.has(id)) logs.set(id, { text: '', runs: true, readers: new Set() })
    return mine
  }
  function writes (id: string, text: string): void {
    const log = logs.get(id)!
    log.text += text
    for (const reader of log.readers) reader.write(text)
  }
  /** The container ends; its readers are let go. */
  function ends (id: string): TrackedPod {
    const log = logs.get(id)!
    log.runs = false
    const mine = pod(id, ended1)
    for (const reader of log.readers) reader.end()
    return mine
  }
  const file = (id: string): string =>
    existsSync(spoolPath(path, id)) ? readFileSync(spoolPath(path, id), 'utf8') : ''
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await Promise.race([once(news, 'news'), new Promise(resolve => setTimeout(resolve, 10))])
  }
  return { logs, pods, requests, path, counts, launcher, pod, writes, ends, file, until }
}

t.test('all that a container writes is kept, and its end is told once', async t => {
  const { launcher, pod, writes, ends, file, until, counts, path, requests } = await nodes(t)
  const keeper = launcher()
  t.equal(keeper.collect('a', pod('a'), false), false)
  writes('a', lines(0, 3))
  await until(() => file('a') === plain(0, 3))
  keeper.collect('a', pod('a'), false)
  writes('a', lines(3, 5))
  t.equal(keeper.collect('a', ends('a'), true), false)
  await until(() => counts.kept.length > 0)
  t.equal(file('a'), plain(0, 5))
  t.strictSame([keeper.hasOutput('a'), keeper.hasOutput('b')], [true, false])
  t.equal(keeper.collect('a', pod('a', ended1), true), true)
  t.strictSame(counts.kept, ['a'])
  t.match(readSpoolState(path, 'a'), { pod: 'pod-1', bytes: plain(0, 5).length, complete: true })
  const before = requests.length
  t.equal(launcher().collect('a', pod('a', ended1), true), true, 'also to the next launcher')
  t.equal(requests.length, before)
})

t.test('a log that ends before the news of it is read twice, not more', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, requests } = await nodes(t)
  const keeper = launcher()
  keeper.collect('a', pod('a'), false)
  writes('a', lines(0, 3))
  await until(() => file('a') === plain(0, 3))
  const log = logs.get('a')!
  log.runs = false
  for (const reader of log.readers) reader.end()
  await until(() => log.readers.size === 0)
  // What it does now it would do before the news come.
  await new Promise(resolve => setTimeout(resolve, 300))
  keeper.collect('a', ends('a'), true)
  await until(() => counts.kept.length > 0)
  t.strictSame(requests.map(request => request.includes('follow=true')), [true, false])
})

t.test('of a program that never started, and of a second pod, nothing is read', async t => {
  const { launcher, pod, ends, until, counts, requests } = await nodes(t)
  t.equal(
    launcher().collect(
      'a',
      pod('a', trackedPod(podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] }))),
      true
    ),
    true
  )
  t.strictSame(requests, [])
  launcher().collect('a', pod('a'), false)
  launcher().collect('a', ends('a'), true)
  await until(() => counts.kept.length > 1)
  const before = requests.length
  t.equal(launcher().collect('a', pod('a', trackedPod(podOf({ uid: 'pod-2' }))), false), true)
  t.equal(requests.length, before)
})

t.test('a launcher that goes in the midst leaves a file that the next makes whole', async t => {
  const { launcher, pod, writes, ends, file, until, counts } = await nodes(t)
  const first = launcher()
  first.collect('a', pod('a'), false)
  writes('a', lines(0, 200))
  await until(() => file('a') === plain(0, 200))
  writes('a', `${at(200)} ha`)
  await first.close()
  writes('a', 'lf\n')
  for (let line = 201; line < 231; line += 10) {
    const next = launcher()
    next.collect('a', pod('a'), false)
    writes('a', lines(line, line + 10))
    await until(() => file('a').endsWith(`line ${line + 9}\n`))
    await next.close()
  }
  const last = launcher()
  last.collect('a', ends('a'), true)
  await until(() => counts.kept.length > 0)
  t.equal(file('a'), `${plain(0, 200)}half\n${plain(201, 231)}`)
})

t.test('a follow that hangs does not hold up the end of a job', async t => {
  const { launcher, pod, pods, writes, logs, file, until, counts } = await nodes(t)
  const keeper = launcher()
  keeper.collect('a', pod('a'), false)
  writes('a', lines(0, 2))
  await until(() => file('a') === plain(0, 2))
  // What the hanging connection never gives.
  logs.get('a')!.text += lines(2, 4)
  keeper.collect('a', pod('a', ended1), true)
  await until(() => counts.kept.length > 0)
  t.equal(file('a'), plain(0, 4))

  keeper.collect('b', pod('b'), false)
  writes('b', lines(0, 2))
  await until(() => file('b') === plain(0, 2))
  keeper.collect('b', pods.get('b')!, true)
  await until(() => counts.kept.length > 1)
  t.equal(file('b'), plain(0, 2), 'also when the container is said to run for ever')
})

t.test('of a pod that is gone, or may not be read, what was given is all', async t => {
  for (const [name, instead] of [
    ['gone', GONE],
    ['forbidden', status(403, 'Forbidden', 'no')],
    ['removed', status(400, 'BadRequest', 'container "content" in pod "p" is waiting to start: ContainerCreating')],
    ['removed, of which a status is left', status(400, 'BadRequest', 'container "content" in pod "p" is terminated')]
  ] as const) {
    const { launcher, pod, writes, logs, file, until, counts } = await nodes(t)
    const keeper = launcher()
    keeper.collect('a', pod('a'), false)
    writes('a', lines(0, 2))
    await until(() => file('a') === plain(0, 2))
    const log = logs.get('a')!
    log.instead = instead
    for (const reader of log.readers) reader.destroy()
    keeper.collect('a', pod('a', gonePod(podOf())), true)
    await until(() => counts.kept.length > 0)
    t.equal(file('a'), plain(0, 2), name)
  }
})

t.test('a log that is not there yet is asked for again while the container may run', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, requests } = await nodes(t)
  const keeper = launcher()
  const sight = pod('a')
  logs.get('a')!.instead = GONE
  keeper.collect('a', sight, false)
  await until(() => requests.length > 2)
  t.strictSame(counts.kept, [])
  delete logs.get('a')!.instead
  writes('a', lines(0, 2))
  keeper.collect('a', ends('a'), true)
  await until(() => counts.kept.length > 0)
  t.equal(file('a'), plain(0, 2))
})

t.test('a node that does not give a log is waited for, and in the end left', async t => {
  const { launcher, pod, logs, until, counts, requests } = await nodes(t)
  const clock = performance.now
  let ahead = 0
  performance.now = () => clock.call(performance) + ahead
  t.teardown(() => { performance.now = clock })
  pod('a', ended1)
  logs.get('a')!.instead = status(
    500,
    'InternalError',
    'Get "https://node:10250/containerLogs/n/p/content": dial tcp: connection refused'
  )
  const keeper = launcher()
  keeper.collect('a', pod('a', ended1), true)
  await until(() => requests.length > 8)
  t.strictSame(counts.kept, [])
  ahead = 61_000
  await until(() => { keeper.collect('a', pod('a', ended1), true); return counts.kept.length > 0 })
  t.strictSame(counts.kept, ['a'])
})

t.test('more jobs than can be followed at once are all read to their end', async t => {
  const { launcher, pod, writes, ends, file, until, counts, logs } = await nodes(t)
  const keeper = launcher()
  const ids = Array.from({ length: 330 }, (_, index) => `j${index}`)
  for (const id of ids) keeper.collect(id, pod(id), false)
  await until(() => [...logs.values()].filter(({ readers }) => readers.size > 0).length === 300)
  const late = ids.filter(id => logs.get(id)!.readers.size === 0)
  t.equal(late.length, 30)
  for (const id of late) {
    writes(id, lines(0, 3))
    keeper.collect(id, ends(id), true)
  }
  await until(() => counts.kept.length === 30)
  t.strictSame(counts.kept.toSorted(), late.toSorted(), 'while the others are followed')
  for (const id of late) t.equal(file(id), plain(0, 3))
  await keeper.close()
  t.equal(counts.kept.length, 30)
})

t.test('a node that says nothing holds up no other', async t => {
  const { launcher, pod, writes, ends, until, counts, logs } = await nodes(t)
  const keeper = launcher()
  for (let index = 0; index < 40; index++) {
    const id = `dead${index}`
    const sight = pod(id, { ...ended1, node: 'dead' })
    logs.get(id)!.instead = () => {}
    keeper.collect(id, sight, true)
  }
  pod('a')
  writes('a', lines(0, 2))
  keeper.collect('a', ends('a'), true)
  await until(() => counts.kept.length > 0)
  t.strictSame(counts.kept, ['a'])
})

t.test('what is dropped is let go at once, and is not known any more', async t => {
  const { launcher, pod, writes, file, until, counts, logs } = await nodes(t)
  const keeper = launcher()
  keeper.collect('a', pod('a'), false)
  writes('a', lines(0, 1))
  await until(() => file('a') === plain(0, 1))
  await keeper.discard('a')
  await until(() => logs.get('a')!.readers.size === 0)
  await keeper.discard('a')
  t.strictSame(counts.kept, [])
})

t.test('a pod runs while its program does and it is there', async t => {
  t.equal(isRunning(running1), true)
  for (const pod of [
    undefined,
    gonePod(podOf()),
    ended1,
    trackedPod(podOf({ containers: [{ ...running, name: 'proxy' }] }))
  ]) {
    t.equal(isRunning(pod), false)
  }
})
