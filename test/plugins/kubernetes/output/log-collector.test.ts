import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { readSpoolState } from '../../../../plugins/kubernetes/output/spool-file.ts'
import { isRunning } from '../../../../plugins/kubernetes/cache/tracked-pod.ts'
import { gonePod, podOf, running, trackedPod, waiting } from '../sample-views.ts'
import { at, endedPod, GONE, lines, nodes, plain, runningPod, status } from './log-nodes.ts'

t.test('all output of a container is collected, and its completion is reported once', async t => {
  const { launcher, pod, writes, ends, file, until, counts, path, requests } = await nodes(t)
  const collector = launcher()
  t.equal(collector.collect('a', pod('a'), false), false)
  writes('a', lines(0, 3))
  await until(() => file('a') === plain(0, 3))
  collector.collect('a', pod('a'), false)
  writes('a', lines(3, 5))
  t.equal(collector.collect('a', ends('a'), true), false)
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), plain(0, 5))
  t.equal(collector.truncationOf('a', true), undefined)
  t.strictSame([collector.hasOutput('a'), collector.hasOutput('b')], [true, false])
  t.equal(collector.collect('a', pod('a', endedPod), true), true)
  t.strictSame(counts.completed, ['a'])
  t.match(readSpoolState(path, 'a'), { pod: 'pod-1', bytes: plain(0, 5).length, complete: true })
  const before = requests.length
  t.equal(launcher().collect('a', pod('a', endedPod), true), true, 'the output is also complete for the next launcher')
  t.equal(requests.length, before)
})

t.test('a log that ends before the event of its container is read twice, not more', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, requests } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false)
  writes('a', lines(0, 3))
  await until(() => file('a') === plain(0, 3))
  const log = logs.get('a')!
  log.running = false
  for (const reader of log.readers) reader.end()
  await until(() => log.readers.size === 0)
  // Time for any request that it would make before the event.
  await new Promise(resolve => setTimeout(resolve, 300))
  collector.collect('a', ends('a'), true)
  await until(() => counts.completed.length > 0)
  t.strictSame(requests.map(request => request.includes('follow=true')), [true, false])
})

t.test('the log of a program that never started, or of a second pod, is not read', async t => {
  const { launcher, pod, ends, until, counts, requests } = await nodes(t)
  t.equal(
    launcher().collect(
      'a',
      pod('a', trackedPod(podOf({ phase: 'Pending', containers: [waiting('ContainerCreating')] }))),
      true
    ),
    true
  )
  const unknown = { exitCode: 137, reason: 'ContainerStatusUnknown' }
  const neverPulled = trackedPod(
    podOf({ phase: 'Pending', containers: [waiting('ErrImagePull')] }),
    podOf({ phase: 'Failed', containers: [{ name: 'content', terminated: unknown }] })
  )
  t.equal(launcher().collect('a', pod('a', neverPulled), true), true, 'a node that never had the container')
  t.strictSame(requests, [])
  launcher().collect('a', pod('a'), false)
  launcher().collect('a', ends('a'), true)
  await until(() => counts.completed.length > 1)
  const before = requests.length
  t.equal(launcher().collect('a', pod('a', trackedPod(podOf({ uid: 'pod-2' }))), false), true)
  t.equal(requests.length, before)
})

t.test('the next launcher completes the file of a launcher that was stopped while it collected', async t => {
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
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), `${plain(0, 200)}half\n${plain(201, 231)}`)
})

t.test('a follow that hangs does not delay the end of a job', async t => {
  const { launcher, pod, pods, writes, logs, file, until, counts } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false)
  writes('a', lines(0, 2))
  await until(() => file('a') === plain(0, 2))
  // The hanging connection never sends this.
  logs.get('a')!.text += lines(2, 4)
  collector.collect('a', pod('a', endedPod), true)
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), plain(0, 4))

  collector.collect('b', pod('b'), false)
  writes('b', lines(0, 2))
  await until(() => file('b') === plain(0, 2))
  collector.collect('b', pods.get('b')!, true)
  await until(() => counts.completed.length > 1)
  t.equal(file('b'), plain(0, 2), 'also if the container is reported to run forever')
})

t.test('a follow that still receives output after the end of the job is not cut', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, requests } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false)
  writes('a', lines(0, 1))
  await until(() => file('a') === plain(0, 1))
  collector.collect('a', pod('a', endedPod), true)
  for (let line = 1; line < 11; line++) {
    await new Promise(resolve => setTimeout(resolve, 300))
    writes('a', lines(line, line + 1))
    await until(() => file('a') === plain(0, line + 1))
  }
  // The node has rotated all but the newest file away.
  logs.get('a')!.text = lines(9, 11)
  ends('a')
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), plain(0, 11))
  t.equal(requests.filter(request => request.includes('follow=true')).length, 1)
})

t.test('collection completes if the log is gone or must not be read', async t => {
  for (const [name, instead] of [
    ['gone', GONE],
    ['forbidden', status(403, 'Forbidden', 'no')],
    ['removed', status(400, 'BadRequest', 'container "content" in pod "p" is waiting to start: ContainerCreating')],
    ['removed, with its status left', status(400, 'BadRequest', 'container "content" in pod "p" is terminated')]
  ] as const) {
    const { launcher, pod, writes, logs, file, until, counts } = await nodes(t)
    const collector = launcher()
    collector.collect('a', pod('a'), false)
    writes('a', lines(0, 2))
    await until(() => file('a') === plain(0, 2))
    const log = logs.get('a')!
    log.instead = instead
    for (const reader of log.readers) reader.destroy()
    collector.collect('a', pod('a', gonePod(podOf())), true)
    await until(() => counts.completed.length > 0)
    t.equal(file('a'), plain(0, 2), name)
    t.match(collector.truncationOf('a', true), { reason: 'LogEndLost' })
    t.strictSame(counts.truncated, ['a'])
  }
})

t.test('a program that may have run and has no record has lost its output', async t => {
  const { launcher } = await nodes(t)
  const collector = launcher()
  t.strictSame(collector.truncationOf('a', true, true), { reason: 'LogEndLost', offset: 0 })
  t.equal(collector.truncationOf('a', true, false), undefined)
  t.equal(collector.truncationOf('a', false, true), undefined)
})

t.test('output that is known to be missing is reported, also by the next launcher', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, path } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false)
  writes('a', lines(0, 300))
  await until(() => file('a') === plain(0, 300))
  t.equal(collector.truncationOf('a', false), undefined)
  await collector.close()
  const lost = { reason: 'LogEndLost', offset: plain(0, 300).length }
  t.strictSame(launcher().truncationOf('a', true), lost, 'no launcher can read the rest')
  logs.get('a')!.text = lines(310, 320)
  const next = launcher()
  next.collect('a', pod('a'), false)
  await until(() => file('a') === plain(0, 300) + plain(310, 320))
  t.strictSame(next.truncationOf('a', false), { reason: 'LogRotated', offset: plain(0, 300).length })
  t.strictSame(counts.truncated, ['a'])
  next.collect('a', ends('a'), true)
  await until(() => counts.completed.length > 0)
  t.match(readSpoolState(path, 'a'), { complete: true, truncation: { reason: 'LogRotated' } })
  const last = launcher()
  t.strictSame(last.truncationOf('a', true), { reason: 'LogRotated', offset: plain(0, 300).length })
  last.collect('a', pod('a', endedPod), true)
  t.match(last.truncationOf('a', true), { reason: 'LogRotated' })
  await last.discard('a')
})

t.test('a pod that is no longer known leaves the end of its log unread', async t => {
  const { launcher, pod, pods, until, counts } = await nodes(t)
  const collector = launcher()
  const tracked = pod('a', endedPod)
  pods.delete('a')
  collector.collect('a', tracked, true)
  await until(() => counts.completed.length > 0)
  t.match(collector.truncationOf('a', true), { reason: 'LogEndLost' })
})

t.test('a missing log is retried while the container may run', async t => {
  const { launcher, pod, writes, logs, ends, file, until, counts, requests } = await nodes(t)
  const collector = launcher()
  const tracked = pod('a')
  logs.get('a')!.instead = GONE
  collector.collect('a', tracked, false)
  await until(() => requests.length > 2)
  t.strictSame(counts.completed, [])
  delete logs.get('a')!.instead
  writes('a', lines(0, 2))
  collector.collect('a', ends('a'), true)
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), plain(0, 2))
})

function recordingLog () {
  const records: Array<Record<string, unknown>> = []
  const log = pino({ level: 'warn' }, { write: (line: string) => { records.push(JSON.parse(line)) } })
  return { log, records }
}

t.test('the third failed read in a row is logged, and so is the next one that the server answers', async t => {
  const { launcher, pod, logs, until } = await nodes(t)
  const { log, records } = recordingLog()
  const collector = launcher(log)
  pod('a')
  logs.get('a')!.instead = GONE
  collector.collect('a', pod('a'), false)
  await until(() => records.length === 1)
  t.match(records[0], { level: 40, job: 'a', msg: 'log read failed, will retry', err: { status: 404 } })
  delete logs.get('a')!.instead
  await until(() => records.length === 2)
  t.match(records[1], { level: 40, job: 'a', msg: 'log reads restored', outageMs: Number })
  t.ok(records[1]!.outageMs as number > 0)
})

t.test('failed writes of the output are logged, and so is the next one that succeeds', async t => {
  const { launcher, pod, writes, until, path, file } = await nodes(t)
  const { log, records } = recordingLog()
  const collector = launcher(log)
  writeFileSync(join(path, 'jobs'), 'in the way of the folder')
  pod('a')
  writes('a', lines(0, 2))
  collector.collect('a', pod('a'), false)
  await until(() => records.length === 1)
  t.match(records[0], { msg: 'log read failed, will retry', err: { code: /EEXIST|ENOTDIR/ } })
  rmSync(join(path, 'jobs'))
  await until(() => records.length === 2)
  t.match(records[1], { job: 'a', msg: 'log reads restored' })
  t.equal(file('a'), plain(0, 2))
})

t.test('a node that does not return a log is retried for a minute, then given up', async t => {
  const { launcher, pod, logs, until, counts, requests } = await nodes(t)
  const clock = performance.now
  let ahead = 0
  performance.now = () => clock.call(performance) + ahead
  t.teardown(() => { performance.now = clock })
  pod('a', endedPod)
  logs.get('a')!.instead = status(
    500,
    'InternalError',
    'Get "https://node:10250/containerLogs/n/p/content": dial tcp: connection refused'
  )
  const collector = launcher()
  collector.collect('a', pod('a', endedPod), true)
  await until(() => requests.length > 8)
  t.strictSame(counts.completed, [])
  ahead = 61_000
  await until(() => { collector.collect('a', pod('a', endedPod), true); return counts.completed.length > 0 })
  t.strictSame(counts.completed, ['a'])
})

t.test('jobs beyond the limit of follows are read to their end', async t => {
  const { launcher, pod, writes, ends, file, until, counts, logs } = await nodes(t)
  const collector = launcher()
  const ids = Array.from({ length: 330 }, (_, index) => `j${index}`)
  for (const id of ids) collector.collect(id, pod(id), false)
  await until(() => [...logs.values()].filter(({ readers }) => readers.size > 0).length === 300)
  const late = ids.filter(id => logs.get(id)!.readers.size === 0)
  t.equal(late.length, 30)
  for (const id of late) {
    writes(id, lines(0, 3))
    collector.collect(id, ends(id), true)
  }
  await until(() => counts.completed.length === 30)
  t.strictSame(counts.completed.toSorted(), late.toSorted(), 'the others are still followed')
  for (const id of late) t.equal(file(id), plain(0, 3))
  await collector.close()
  t.equal(counts.completed.length, 30)
})

t.test('a node that does not answer does not delay another', async t => {
  const { launcher, pod, writes, ends, until, counts, logs } = await nodes(t)
  const collector = launcher()
  for (let index = 0; index < 40; index++) {
    const id = `dead${index}`
    const tracked = pod(id, { ...endedPod, node: 'dead' })
    logs.get(id)!.instead = () => {}
    collector.collect(id, tracked, true)
  }
  pod('a')
  writes('a', lines(0, 2))
  collector.collect('a', ends('a'), true)
  await until(() => counts.completed.length > 0)
  t.strictSame(counts.completed, ['a'])
})

t.test('discard ends the follow at once, and can be repeated', async t => {
  const { launcher, pod, writes, file, until, counts, logs } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false)
  writes('a', lines(0, 1))
  await until(() => file('a') === plain(0, 1))
  await collector.discard('a')
  await until(() => logs.get('a')!.readers.size === 0)
  await collector.discard('a')
  t.strictSame(counts.completed, [])
})

t.test('isRunning is true only for a pod that exists and whose program runs', async t => {
  t.equal(isRunning(runningPod), true)
  for (const pod of [
    undefined,
    gonePod(podOf()),
    endedPod,
    trackedPod(podOf({ containers: [{ ...running, name: 'proxy' }] }))
  ]) {
    t.equal(isRunning(pod), false)
  }
})

t.test('output beyond the limit is not kept, its end is marked, and the next launcher knows it', async t => {
  const { launcher, pod, writes, file, until, counts, logs, requests } = await nodes(t)
  const collector = launcher()
  const limitMb = (plain(0, 3).length + 2) / 1_000_000
  const kept = `${plain(0, 4).slice(0, plain(0, 3).length + 2)}` +
    `\n[job-launcher] The job exceeded its output limit of ${limitMb} MB and was killed.\n`
  collector.collect('a', pod('a'), false)
  collector.collect('a', pod('a'), false, limitMb)
  writes('a', lines(0, 3))
  await until(() => file('a') === plain(0, 3))
  t.equal(collector.isOverLimit('a'), false)
  writes('a', lines(3, 6))
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), kept)
  t.equal(collector.isOverLimit('a'), true)
  t.strictSame(collector.truncationOf('a', false), {
    reason: 'OutputLimitExceeded',
    offset: plain(0, 3).length + 2
  })
  t.equal(collector.collect('a', pod('a'), false, limitMb), true, 'it is complete')
  await until(() => logs.get('a')!.readers.size === 0)
  writes('a', lines(6, 9))
  const before = requests.length
  const next = launcher()
  t.equal(next.collect('a', pod('a'), false, limitMb), true)
  t.equal(next.isOverLimit('a'), true)
  t.match(next.truncationOf('a', true), { reason: 'OutputLimitExceeded' })
  t.equal(requests.length, before)
  t.equal(file('a'), kept)
  await next.discard('a')
  t.equal(next.isOverLimit('a'), false)
})

t.test('output of exactly the limit is not over it', async t => {
  const { launcher, pod, writes, ends, file, until, counts } = await nodes(t)
  const collector = launcher()
  collector.collect('a', pod('a'), false, plain(0, 3).length / 1_000_000)
  writes('a', lines(0, 3))
  collector.collect('a', ends('a'), true)
  await until(() => counts.completed.length > 0)
  t.equal(file('a'), plain(0, 3))
  t.equal(collector.isOverLimit('a'), false)
})
