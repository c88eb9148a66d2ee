import t from 'tap'
import { HOUR_MS } from '../../../../launcher/lib/duration.ts'
import { removeOldTrials, trialFolder } from '../../../../plugins/kubernetes/process-logs/trial-folder.ts'

t.test('folders of checks that are older than an hour are removed', async t => {
  const now = 10 * HOUR_MS
  const name = (digit: string): string => `.doctor-${digit.repeat(32)}`
  const changes: Record<string, number> = {
    [`logs/${name('a')}`]: now - 2 * HOUR_MS, [`logs/${name('b')}`]: now - 1000, 'logs/c0ffee000000': 0
  }
  const removed: string[] = []
  await removeOldTrials({
    list: async () => [name('a'), name('b'), name('c'), 'c0ffee000000', '.doctor-x'],
    changedMs: async path => changes[path],
    remove: async folder => { removed.push(folder) }
  }, 'logs', now)
  t.strictSame(removed, [`logs/${name('a')}`], 'one that is gone meanwhile is left')
  t.match(trialFolder('logs'), /^logs\/\.doctor-[0-9a-f]{32}$/)
})
