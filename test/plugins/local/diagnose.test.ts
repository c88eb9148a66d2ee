import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { diagnose } from '../../../plugins/local/diagnose.ts'
import { collect } from '../../fixtures/collect.ts'

const context = {
  cluster: 'Local', scratchPath: '/none', log: pino({ level: 'silent' }), environment: { PATH: '/none' }
}

t.test('a launcher that is process 1 is a finding, and one of no service is none', async t => {
  t.match(await collect(diagnose({}, { ...context, launcherPid: 1 })), [
    { check: 'init', state: 'missing', message: /is process 1/, help: /tini/ }
  ])
  t.strictSame(await collect(diagnose({}, context)), [])
})

t.test('a profiles file that cannot be used is a finding, and one that can be is ok', async t => {
  const folder = t.testdir({ 'bad.conf': '[*]\nmax-cpu=1\n', 'good.conf': '[*]\nmax-cpus=1\n' })
  const check = (name: string) => collect(diagnose({ profilesFile: join(folder, name) }, context))
  t.match(await check('bad.conf'), [
    { check: 'profile-config', state: 'missing', message: /bad\.conf line 2: max-cpu is not a known key/ }
  ])
  t.match(await check('good.conf'), [{ check: 'profile-config', state: 'ok' }])
})
