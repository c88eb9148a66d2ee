// A launcher whose clock differs from that of its cluster by an hour applies its deadlines correctly.

import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { HOUR_MS } from '../../launcher/lib/duration.ts'
import { clockOf } from '../e2e/clock-of.ts'
import { start } from '../e2e/launcher-process.ts'
import { noCluster, testCluster } from './cluster.ts'
import { onlyTheRole } from './only-the-role.ts'
import { placeOn } from './place-on.ts'

t.test(
  'a clock that is an hour off and then corrected ends no job early and loses no requested operation',
  { skip: noCluster, timeout: 180_000 },
  async t => {
    const cluster = await testCluster(t)
    const here = placeOn(t, cluster, await onlyTheRole(t, cluster), { Local: 'false' })
    const { client } = here
    const { set, options } = clockOf(here, HOUR_MS)
    await start(t, here, options)
    // The job is interactive: its start has a deadline of minutes.
    const waits = await client.submit({
      name: 'no node is so large',
      exe: '/bin/true',
      container: { image: 'localhost/busybox:1' },
      exposedPorts: [{ targetPort: 8080 }],
      resourceLimits: [{ type: 'cpuCount', value: 4000 }]
    })
    const wait = async (): Promise<void> => {
      for await (const { status, reason } of client.events({ id: waits.id })) {
        t.equal(status, 'Pending')
        if (reason === 'Unschedulable') break
      }
    }
    await wait()
    const stopped = await client.submit({
      name: 'is killed',
      command: 'trap "" TERM; while :; do sleep 0.1; done',
      container: { image: 'localhost/busybox:1' }
    })
    for await (const { status } of client.events({ id: stopped.id })) if (status === 'Running') break
    set(-HOUR_MS)
    await client.control(stopped.id, 'kill')
    t.match(await client.ended(stopped.id), { status: 'Killed', reason: 'KilledOnRequest' })
    await delay(6000)
    t.match(
      await client.get(waits.id),
      { status: 'Pending', reason: 'Unschedulable' },
      'the job was observed again and still waits'
    )
    set(0)
    await client.control(waits.id, 'cancel')
    t.match(await client.ended(waits.id), { status: 'Canceled', reason: 'CanceledOnRequest' })
  }
)
