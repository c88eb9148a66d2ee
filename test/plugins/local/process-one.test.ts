import { spawnSync } from 'node:child_process'
import t from 'tap'
import { refuseProcessOne } from '../../../plugins/local/process-one.ts'
import { MAIN, place, start } from '../../e2e/launcher-process.ts'

const noNamespace = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
  ? false
  : 'only root can make a pid namespace'

t.test('a launcher that is process 1 is refused, and any other is not', async t => {
  refuseProcessOne()
  t.throws(() => refuseProcessOne(1), { code: 'InitNeeded', message: /is process 1\. .* zombies/ })
})

t.test('the first process of a pid namespace names an init, as a launcher and in doctor', {
  skip: noNamespace
}, async t => {
  const { settings } = place(t)
  const run = (command: string) => spawnSync(
    'unshare',
    ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, MAIN, command, '--settings', settings],
    { encoding: 'utf8', timeout: 60_000 }
  )
  const served = run('serve')
  t.match(JSON.parse(served.stdout), { event: 'failed', code: 'InitNeeded', help: /tini/ })
  t.equal(served.status, 78)
  t.match(run('doctor').stdout, /missing +init +The launcher is process 1/)
})

t.test('below an init of its own pid namespace a launcher runs jobs', { skip: noNamespace }, async t => {
  const here = place(t)
  await start(t, here, {
    through: [
      ...['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-c', 'exec 3<&0; "$@" <&3 & wait', 'init']
    ]
  })
  const { id } = await here.client.submit({ name: 'a', exe: '/bin/true' })
  t.match(await here.client.ended(id), { status: 'Finished', exitCode: 0 })
})
