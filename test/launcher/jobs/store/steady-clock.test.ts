import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../../../launcher/jobs/store/database.ts'
import { createSteadyClock } from '../../../../launcher/jobs/store/steady-clock.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

type Test = Parameters<typeof temporaryFolder>[0]

/** A machine whose boot time a test sets, and launchers on it that share a database. */
async function machine (t: Test) {
  const file = join(await temporaryFolder(t), 'db')
  const time = { boot: 'first', ms: 5000 }
  return {
    time,
    /** Opens the database, and closes it without saving. */
    async launcher<T> (work: (clock: ReturnType<typeof createSteadyClock>) => T | Promise<T>): Promise<T> {
      const database = openDatabase(file)
      try {
        return await work(createSteadyClock(database, () => ({ ...time })))
      } finally {
        await database.close()
      }
    }
  }
}

t.test('the count begins at 0 and grows with the time since the boot, also while no launcher runs', async t => {
  const { time, launcher } = await machine(t)
  await launcher(clock => {
    t.equal(clock.now(), 0)
    time.ms += 70
    t.equal(clock.now(), 70)
  })
  time.ms += 1000
  t.equal(await launcher(clock => clock.now()), 1070)
})

t.test('after a restart of the machine, the count continues where it was saved last', async t => {
  const { time, launcher } = await machine(t)
  await launcher(async clock => {
    time.ms += 599_999
    await clock.save()
    t.equal(clock.now(), 599_999, 'not saved yet')
    time.ms += 1
    await clock.save()
    time.ms += 1000
    await clock.save()
  })
  Object.assign(time, { boot: 'second', ms: 9_000_000 })
  await launcher(clock => {
    t.equal(clock.now(), 600_000, 'what cannot be measured does not count')
    time.ms += 5
    t.equal(clock.now(), 600_005)
  })
  time.ms += 5
  t.equal(await launcher(clock => clock.now()), 600_010)
})

t.test('a time since the boot that goes back does not count', async t => {
  const { time, launcher } = await machine(t)
  await launcher(clock => {
    time.ms += 100
    t.equal(clock.now(), 100)
    time.ms -= 5000
    t.equal(clock.now(), 100)
    time.ms += 7
    t.equal(clock.now(), 107)
  })
  t.equal(await launcher(clock => clock.now()), 0, 'nor does what was not saved then')
})
