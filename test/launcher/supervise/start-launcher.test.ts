import t from 'tap'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../../../launcher/client/client.ts'
import {
  startLauncher,
  type Launcher,
  type LauncherOptions,
  type LogLine
} from '../../../launcher/supervise/start-launcher.ts'
import { place } from '../../e2e/launcher-process.ts'
import type { Start } from '../../fixtures/scripted-launcher.ts'

const SCRIPTED = join(import.meta.dirname, '../../fixtures/scripted-launcher.ts')

async function scripted (
  t: { teardown(clean: () => unknown): void },
  starts: Start[],
  options: Partial<LauncherOptions> = {}
): Promise<LauncherOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'sup-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const settings = join(folder, 's')
  await writeFile(settings, JSON.stringify(starts))
  return { settings, command: [process.execPath, SCRIPTED], healthMs: 60_000, ...options }
}

function watch (launcher: Launcher): string[] {
  const states: string[] = []
  for (const state of ['starting', 'ready', 'unhealthy', 'restarting', 'stopped', 'failed'] as const) {
    launcher.on(state, () => states.push(state))
  }
  return states
}

/** Makes one with `dieWhenAsked` die. */
async function ask (launcher: Launcher): Promise<void> {
  const client = createClient({ address: launcher.ready.address })
  await client.readiness().catch(() => {})
  await client.close()
}

t.test('the command is started with the settings, is ready, and stops', async t => {
  const log: LogLine[] = []
  const options = await scripted(t, [{}], { set: { 'Launcher.LogLevel': 'debug' }, log: line => log.push(line) })
  const launcher = await startLauncher(options)
  const states = watch(launcher)
  t.equal(launcher.state, 'ready')
  t.match(launcher.ready, { event: 'ready', api: 'v1', pid: Number })
  await launcher.stop()
  await launcher.stop()
  t.equal(launcher.state, 'stopped')
  t.same(states, ['stopped'])
  t.same(JSON.parse(await readFile(`${options.settings}.starts`, 'utf8')), [
    'serve',
    '--settings',
    options.settings,
    '--supervised',
    '--set',
    'Launcher.LogLevel=debug'
  ])
  t.match(log, [
    { level: 30, msg: 'starting' },
    { level: 50, msg: 'no JSON' }
  ])
})

t.test('a first start that fails rejects with the code of the failed line, and leaves no process', async t => {
  const options = await scripted(t, [
    { fail: { line: { event: 'failed', code: 'ScratchPathTaken', message: 'Process 1 uses it.' }, exit: 73 } }
  ])
  await t.rejects(startLauncher(options), { code: 'ScratchPathTaken', message: 'Process 1 uses it.' })
  await t.rejects(startLauncher(await scripted(t, [{ silent: true }], { readyMs: 500 })), {
    code: 'LauncherExited',
    message: /not ready within 0.5 s/
  })
})

t.test('a launcher that dies is restarted, even if a restart fails in passing', async t => {
  const options = await scripted(t, [
    { dieWhenAsked: 1 },
    { fail: { line: { event: 'failed', code: 'ClusterUnavailable', message: 'no' }, exit: 69 } },
    { fail: { line: { event: 'failed', code: 'DiskFull', message: 'full' }, exit: 74 } },
    {}
  ])
  const launcher = await startLauncher(options)
  t.teardown(() => launcher.stop())
  const states = watch(launcher)
  const first = launcher.ready.pid
  const restarts: unknown[] = []
  launcher.on('restarting', facts => restarts.push(facts))
  ask(launcher)
  await once(launcher, 'ready')
  t.not(launcher.ready.pid, first)
  t.same(states, ['restarting', 'starting', 'restarting', 'starting', 'restarting', 'starting', 'ready'])
  t.match(restarts, [
    { exit: { code: 1 }, delayMs: Number },
    { exit: { code: 69 }, error: { code: 'ClusterUnavailable' } },
    { exit: { code: 74 }, error: { code: 'DiskFull' } }
  ])
  await launcher.stop()
  t.equal(launcher.state, 'stopped')
})

t.test('an end that a restart cannot resolve is final', async t => {
  const launcher = await startLauncher(await scripted(t, [
    { dieWhenAsked: 1 },
    { fail: { line: { event: 'failed', code: 'SettingsInvalid', message: 'host.gcfg line 2' }, exit: 78 } }
  ]))
  const states = watch(launcher)
  ask(launcher)
  const [error] = await once(launcher, 'failed')
  t.match(error, { code: 'SettingsInvalid', message: 'host.gcfg line 2' })
  t.same(states, ['restarting', 'starting', 'failed'])
  await launcher.stop()
  t.equal(launcher.state, 'failed')

  const without = await startLauncher(await scripted(t, [{ dieWhenAsked: 64 }]))
  ask(without)
  const [exited] = await once(without, 'failed')
  t.match(exited, { code: 'LauncherExited', message: 'the launcher ended with exit code 64' })
})

t.test('an unhealthy launcher is reported, as is its recovery', async t => {
  const launcher = await startLauncher(await scripted(t, [{ health: [503, 200] }], { healthMs: 500 }))
  t.teardown(() => launcher.stop())
  const states = watch(launcher)
  const [{ message }] = await once(launcher, 'unhealthy')
  t.equal(message, 'cluster Local: gone')
  t.equal(launcher.state, 'unhealthy')
  await once(launcher, 'ready')
  t.same(states, ['unhealthy', 'ready'])
})

t.test('a launcher that hangs is killed and restarted', async t => {
  const launcher = await startLauncher(await scripted(t, [{ health: [0] }, {}], { healthMs: 20 }))
  t.teardown(() => launcher.stop())
  const [{ exit }] = await once(launcher, 'restarting')
  t.same(exit, { code: null, signal: 'SIGKILL' })
  await once(launcher, 'ready')
})

t.test('stopping while a restart is due starts nothing', async t => {
  const options = await scripted(t, [{ dieWhenAsked: 1 }, {}])
  const launcher = await startLauncher(options)
  const states = watch(launcher)
  ask(launcher)
  await once(launcher, 'restarting')
  await launcher.stop()
  t.same(states, ['restarting', 'stopped'])
  t.equal((await readFile(`${options.settings}.starts`, 'utf8')).trim().split('\n').length, 1)
})

t.test('stopping during a restart waits for that launcher to end', async t => {
  const launcher = await startLauncher(await scripted(t, [{ dieWhenAsked: 1 }, { silent: true }]))
  const states = watch(launcher)
  ask(launcher)
  await once(launcher, 'starting')
  await launcher.stop()
  t.same(states, ['restarting', 'starting', 'stopped'])
})

t.test('a launcher that does not stop is killed', async t => {
  const launcher = await startLauncher(await scripted(t, [{ stubborn: true }], { stopMs: 50 }))
  const stopped = once(launcher, 'stopped')
  await launcher.stop()
  t.same(await stopped, [{ code: null, signal: 'SIGKILL' }])
})

t.test('without a command the launcher of this package is started', async t => {
  const { settings, socket, client } = place(t)
  const launcher = await startLauncher({ settings })
  t.equal(launcher.ready.address, socket)
  const { id } = await client.submit({ name: 'a', command: 'exit 3' })
  t.match(await client.ended(id), { status: 'Finished', exitCode: 3 })
  await launcher.stop()
})
