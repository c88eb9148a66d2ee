import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { firstChildOf } from '../../../plugins/local/first-child.ts'

t.test('the first child of a process is found, and none of a process without children', async t => {
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; sleep 60 & wait'], {
    detached: true, stdio: ['ignore', 'pipe', 'ignore']
  })
  t.teardown(() => { process.kill(-parent.pid!, 'SIGKILL') })
  const [pid] = await once(parent.stdout, 'data')
  t.equal(firstChildOf(parent.pid!), String(pid).trim())
  t.equal(firstChildOf(Number(pid)), '')
  t.throws(() => firstChildOf(0), { code: 'ENOENT' })
})
