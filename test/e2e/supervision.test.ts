// The supervision contract, from the host's side of the pipe.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { hasExited, readProcessStat } from '../../launcher/lib/process-stat.ts'
import { MAIN, cleanEnvironment, kill, place, start } from './launcher-process.ts'

t.test('the ready line has address, pid, instance, version, api and the folder of the conf files', async t => {
  const here = place(t)
  const { ready, pid } = await start(t, here)
  t.match(ready, {
    event: 'ready',
    address: here.socket,
    pid,
    instance: /^[0-9a-f]{12}$/,
    version: /^\d+\.\d+\.\d+/,
    api: 'v1',
    configDir: here.configDir
  })
  t.equal(statSync(here.socket).mode & 0o777, 0o600)
  await here.client.clusters()
})

t.test(
  'a second launcher on the same scratch path is refused with the pid of the first, and changes nothing',
  async t => {
    const here = place(t)
    const first = await start(t, here)
    const before = readFileSync(join(here.configDir, 'launcher.conf'), 'utf8')
    const refused = await start(t, here, { args: ['--set', 'LogLevel=debug'] }).then(
      () => undefined,
      error => error
    )
    t.match(refused.ready, { event: 'failed', code: 'ScratchPathTaken', message: new RegExp(`pid ${first.pid}`) })
    t.same(refused.exit, [73, null])
    t.equal(
      readFileSync(join(here.configDir, 'launcher.conf'), 'utf8'),
      before,
      'the conf files of the first are as they were'
    )
    await here.client.clusters()
  }
)

t.test('after SIGKILL of a launcher, its successor takes the scratch path and the socket at once', async t => {
  const here = place(t)
  await kill(await start(t, here))
  t.ok(existsSync(here.socket), 'the socket was left behind')
  await start(t, here)
  await here.client.clusters()
})

t.test('the end of standard input stops the launcher with exit code 0 and leaves its jobs running', async t => {
  const here = place(t)
  const running = await start(t, here)
  const { id } = await here.client.submit({ name: 'outlives', command: 'sleep 60' })
  for await (const job of here.client.events({ id })) if (job.status === 'Running') break
  running.child.stdin!.end()
  t.same(await running.exit, [0, null])
  t.notOk(existsSync(here.socket), 'the socket is gone')
  await start(t, here)
  t.equal((await here.client.get(id)).status, 'Running')
  await here.client.control(id, 'kill')
  t.match(await here.client.ended(id), { status: 'Killed', exitCode: 137 })
})

t.test('a host killed with SIGKILL takes the launcher down, and no job with it', async t => {
  const here = place(t)
  const host = spawn('/usr/bin/env', [...cleanEnvironment(), process.execPath, '-e', `
    const args = ${JSON.stringify([MAIN, 'serve', '--settings', here.settings, '--supervised'])}
    const child = require('node:child_process').spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdout.pipe(process.stdout)
  `], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { host.kill('SIGKILL') })
  const { pid } = JSON.parse(String((await once(host.stdout!, 'data'))[0]))
  const { id } = await here.client.submit({ name: 'outlives', command: 'sleep 60' })
  for await (const job of here.client.events({ id })) if (job.status === 'Running') break
  const jobPid = (await here.client.get(id)).pid!
  host.kill('SIGKILL')
  const killed = Date.now()
  // A process that has ended is listed until its new parent has waited for it.
  const runs = (): boolean => { const stat = readProcessStat(pid); return stat !== undefined && !hasExited(stat) }
  while (runs() && Date.now() - killed < 2000) await delay(20)
  t.notOk(runs(), 'the launcher was gone within 2 s')
  t.ok(existsSync(`/proc/${jobPid}`), 'the job runs on')
})

t.test('SIGTERM ends open streams, refuses new requests, and exits with 0', async t => {
  const here = place(t)
  const running = await start(t, here)
  const { id } = await here.client.submit({ name: 'streams', command: 'sleep 60' })
  const stream = await fetchStream(here.socket, `/v1/jobs/${id}/events`)
  await once(stream, 'data')
  const cut = new Promise<NodeJS.ErrnoException>(resolve => { stream.once('error', resolve) })
  running.child.kill('SIGTERM')
  t.equal((await cut).code, 'ECONNRESET', 'a stream that is cut does not look complete')
  t.same(await running.exit, [0, null])
})

t.test('SIGHUP loads new settings; bad settings change nothing and are reported', async t => {
  const here = place(t)
  const running = await start(t, here)
  writeFileSync(here.settings, readFileSync(here.settings, 'utf8') + 'JobExpiry = 36h\n')
  running.child.kill('SIGHUP')
  await logged(running.log, /"configuration reloaded"/)
  t.match(readFileSync(join(here.configDir, 'launcher.conf'), 'utf8'), /^job-expiry-hours=36$/m)
  writeFileSync(here.settings, readFileSync(here.settings, 'utf8') + 'JobExpirry = 1h\n')
  running.child.kill('SIGHUP')
  await logged(running.log, /the new configuration was refused.*|JobExpirry/)
  t.match(running.log(), /JobExpiry\?/, 'the nearest known setting is named')
  t.match(readFileSync(join(here.configDir, 'launcher.conf'), 'utf8'), /^job-expiry-hours=36$/m)
  await here.client.clusters()
})

t.test('bad settings end the start with exit code 78 and a failed line that names their line', async t => {
  const here = place(t, { KubernetesNamespce: 'x' })
  const refused = await start(t, here).then(
    () => undefined,
    error => error
  )
  t.match(refused.ready, {
    event: 'failed',
    code: 'SettingsInvalid',
    message: /host\.gcfg line 4: .*KubernetesNamespce.*KubernetesNamespace/
  })
  t.same(refused.exit, [78, null])
  t.notOk(existsSync(here.configDir), 'nothing was written')
})

t.test('an address that is in use is refused by name', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as { port: number }
  const here = place(t, { Address: `127.0.0.1:${port}` })
  const refused = await start(t, here).then(
    () => undefined,
    error => error
  )
  t.match(refused.ready, {
    event: 'failed',
    code: 'AddressTaken',
    message: new RegExp(`127.0.0.1:${port}.*Launcher.Address`)
  })
  t.same(refused.exit, [78, null])
})

async function fetchStream (socketPath: string, path: string): Promise<import('node:http').IncomingMessage> {
  const { get } = await import('node:http')
  const [response] = await once(get({ socketPath, path }), 'response')
  response.on('error', () => {})
  return response
}

async function logged (log: () => string, pattern: RegExp): Promise<void> {
  const began = Date.now()
  while (!pattern.test(log())) {
    if (Date.now() - began > 10_000) throw new Error(`not logged: ${pattern}\n${log()}`)
    await delay(20)
  }
}

t.test('a descriptor that the host left open reaches no job', async t => {
  const here = place(t)
  const running = await start(t, here, { descriptors: 1 })
  t.ok(existsSync(`/proc/${running.pid}/fd/0`))
  const { id } = await here.client.submit({ name: 'lists', command: 'ls /proc/self/fd' })
  await here.client.ended(id)
  const chunks = []
  for await (const chunk of here.client.output(id, { stream: 'stdout' })) chunks.push(chunk)
  t.same(
    Buffer.concat(chunks)
      .toString()
      .trim()
      .split('\n')
      .map(Number)
      .filter(fd => fd > 3),
    [],
    'three, and the one of ls itself'
  )
})
