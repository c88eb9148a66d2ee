import { once, EventEmitter } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { KubeClient } from '../../plugins/kubernetes/client/client.ts'
import { createLogPosition, type LogPosition } from '../../plugins/kubernetes/output/log-position.ts'
import { readPodLog } from '../../plugins/kubernetes/output/log-reader.ts'
import { clientOf, noCluster, testCluster } from './cluster.ts'
import { apiProxy } from '../faults/api-proxy.ts'
import { criEntries, criLog } from '../fixtures/kubelet-log.ts'

interface Pod { status: { phase: string } }

t.test('the log of a real container', { skip: noCluster }, async t => {
  const { client, namespace } = await testCluster(t)
  const pods = `/api/v1/namespaces/${namespace}/pods`

  if (!await hasNode(client)) return t.pass('the cluster has no node to run a container')

  async function start (name: string, script: string): Promise<void> {
    await client.call({
      method: 'POST',
      path: pods,
      body: {
        metadata: { name },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'content',
              image: 'localhost/busybox:1',
              imagePullPolicy: 'Never',
              command: ['/bin/sh', '-c', script]
            }
          ]
        }
      }
    })
  }

  /** Resolves when the pod has one of these phases. Polls, so a test does not depend on a watch. */
  async function phase (name: string, ...phases: string[]): Promise<void> {
    for (;;) {
      const pod = await client.call<Pod>({ method: 'GET', path: `${pods}/${name}` })
      if (phases.includes(pod.status.phase)) return
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }

  function read (
    pod: string,
    options: {
      follow: boolean
      by?: KubeClient
      position?: LogPosition
      running?: () => boolean
      signal?: AbortSignal
      onOutput?: () => void
    }
  ) {
    const counts = { reopened: 0, foreign: 0 }
    let text = ''
    const done = readPodLog(options.by ?? client, {
      namespace,
      pod,
      container: 'content',
      position: options.position ?? createLogPosition(),
      follow: options.follow,
      running: options.running ?? (() => false),
      ended: ms => new Promise(resolve => setTimeout(resolve, ms)),
      signal: options.signal ?? new AbortController().signal,
      take (bytes) {
        text += Buffer.from(bytes).toString()
        options.onOutput?.()
      },
      metrics: { reopened () { counts.reopened += 1 }, foreignLines (lines) { counts.foreign += lines } }
    })
    return { counts, text: done.then(() => text) }
  }

  t.test('the whole output of a terminated container is read, including long and empty lines', async t => {
    await start('ended', 'echo one; echo; head -c 50000 /dev/zero | tr "\\0" x; echo; echo two')
    await phase('ended', 'Succeeded')
    const output = await read('ended', { follow: false }).text
    t.equal(output.replaceAll(/x+/g, found => `${found.length} x`), 'one\n\n50000 x\ntwo\n')
  })

  t.test('a carriage return before a newline is lost, because the runtime removes it', async t => {
    await start('returns', "printf 'one\\r\\ntwo\\rthree\\r\\r\\n\\r\\nfour\\r'")
    await phase('returns', 'Succeeded')
    t.equal(await read('returns', { follow: false }).text, 'one\ntwo\rthree\r\n\nfour\r')
  })

  t.test('a line is whole at whatever length the runtime splits it', async t => {
    await start('split', 'echo started; sleep 600')
    await phase('split', 'Running')
    const { metadata } = await client.call<{ metadata: { uid: string } }>({ method: 'GET', path: `${pods}/split` })
    const file = `/var/log/pods/${namespace}_split_${metadata.uid}/content/0.log`
    if (!existsSync(file)) return t.pass('the node is another machine')
    const length = 200_000
    const output = `${'x'.repeat(length)}\n\n2026-01-31T12:00:00Z y\n${'z'.repeat(16_384)}2026-01-31T12:00:00Z y\nend`
    for (const splitAt of [1000, 8191, 8192, 16_384, 65_536]) {
      const before = Date.now()
      let entry = 0
      writeFileSync(file, criLog(criEntries(output, splitAt, () => new Date(before + entry++).toISOString())))
      t.equal(await read('split', { follow: false }).text, output, `split at ${splitAt} bytes`)
    }
  })

  t.test('a log is followed until the container has terminated', async t => {
    await start('followed', 'for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done; exit 3')
    await phase('followed', 'Running', 'Failed')
    let running = true
    const ended = phase('followed', 'Failed').then(() => {
      running = false
    })
    t.equal(
      await read('followed', { follow: true, running: () => running }).text,
      'line 1\nline 2\nline 3\nline 4\nline 5\n'
    )
    await ended
  })

  t.test('a resumed reader continues at its position, even within one second', async t => {
    await start('resumed', 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done; sleep 600')
    await phase('resumed', 'Running')
    const changes = new EventEmitter()
    const first = new AbortController()
    const position = createLogPosition()
    const { text } = read('resumed', {
      follow: true,
      position,
      running: () => true,
      signal: first.signal,
      onOutput: () => changes.emit('lines')
    })
    await once(changes, 'lines')
    first.abort()
    const seen = await text
    const rest = await read('resumed', {
      follow: false,
      position: createLogPosition(JSON.parse(JSON.stringify(position.save())))
    }).text
    const whole = await read('resumed', { follow: false }).text
    t.equal(seen + rest, whole.slice(0, (seen + rest).length))
    t.ok(whole.startsWith('1\n2\n3\n'))
    t.ok((seen + rest).endsWith('\n'))
  })

  t.test('no output is lost or doubled when the connection is cut repeatedly', async t => {
    const cluster = await testCluster(t)
    const proxy = await apiProxy(t, cluster.kubeconfig)
    const by = await clientOf(t, proxy.kubeconfig)
    await start(
      'cut',
      'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i; echo e$i >&2; [ $((i % 4)) = 0 ] && sleep 0.1; done; exit 0'
    )
    await phase('cut', 'Running', 'Succeeded')
    let running = true
    const ended = phase('cut', 'Succeeded').then(() => { running = false })
    let batches = 0
    const { text, counts } = read('cut', {
      follow: true,
      by,
      running: () => running,
      onOutput () {
        if (batches++ % 2 === 0) proxy.cut()
      }
    })
    const output = await text
    await ended
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1)
    t.strictSame(output.split('\n').filter(line => /^\d/.test(line)).map(Number), numbers)
    t.strictSame(output.split('\n').filter(line => line.startsWith('e')).map(line => Number(line.slice(1))), numbers)
    t.ok(counts.reopened > 0, 'the connection was cut')
  })

  t.test('reading the log of a missing pod rejects', async t => {
    await t.rejects(read('nowhere', { follow: true, running: () => true }).text, /404 NotFound/)
  })
})

async function hasNode (client: KubeClient): Promise<boolean> {
  const { items } = await client.call<{ items: unknown[] }>({ method: 'GET', path: '/api/v1/nodes' })
  return items.length > 0
}
