// A real JupyterHub with the spawner of integrations/jupyterhub. Only scripts/suites/jupyterhub runs it.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createClient, type ClientJob, type LauncherClient } from '../../launcher/client/client.ts'
import { cleanEnvironment } from '../e2e/launcher-process.ts'
import { collect } from '../fixtures/collect.ts'
import { freePort } from '../fixtures/free-port.ts'

const { PYTHON_TOOLS: python, NPM_TOOLS: npm } = process.env
const skip = python === undefined ? 'only scripts/suites/jupyterhub runs it' : false
const ROOT = join(import.meta.dirname, '../..')
const TOKEN = 'a-token-of-the-test-0123456789'
/** In which a busy machine starts a server. */
const LIMIT_MS = 60_000
const USER = userInfo().username

interface Hub {
  readonly folder: string
  /** Calls the REST API of the hub or of a server with the rights of the test. */
  call (method: string, path: string): Promise<{ status: number, text: string }>
  /** Starts the hub again after `kill`. */
  start (): Promise<void>
  kill (signal: NodeJS.Signals): Promise<void>
}

async function openHub (t: Test, more = ''): Promise<Hub> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-'))
  const [port, hubPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  const config = join(folder, 'jupyterhub_config.py')
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'host.gcfg'), `[Launcher]\nConfigDir = ${folder}/conf\nScratchPath = ${folder}/jobs\n`)
  writeFileSync(config, `
import sys
sys.path.insert(0, "${ROOT}/integrations/jupyterhub")
c = get_config()
c.JupyterHub.spawner_class = "job_launcher_spawner.JobLauncherSpawner"
c.JobLauncherSpawner.command = "${ROOT}/scripts/job-launcher"
c.JobLauncherSpawner.settings = "${folder}/host.gcfg"
c.JupyterHub.bind_url = "http://127.0.0.1:${port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:${hubPort}"
c.JupyterHub.db_url = "sqlite:///${folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "${folder}/cookie_secret"
c.JupyterHub.cleanup_servers = False
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.services = [{"name": "test", "api_token": "${TOKEN}"}]
c.JupyterHub.load_roles = [{"name": "test", "services": ["test"], "scopes": [
    "admin:users", "admin:servers", "access:servers", "read:hub"]}]
c.ConfigurableHTTPProxy.command = ["${process.execPath}", "${npm}/node_modules/.bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:${apiPort}"
c.ConfigurableHTTPProxy.pid_file = "${folder}/proxy.pid"
c.Spawner.args = ["--allow-root"]
c.Spawner.env_keep = ["PATH", "LANG"]
c.Spawner.environment = {"HOME": "${folder}/home"}
c.Spawner.poll_interval = 1
${more}`)
  let hub: ChildProcess | undefined

  async function call (method: string, path: string): ReturnType<Hub['call']> {
    const headers = { authorization: `token ${TOKEN}` }
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    return { status: reply.status, text: await reply.text() }
  }

  async function start (): Promise<void> {
    const log = openSync(join(folder, 'log'), 'a')
    const PATH = `${python}/bin:${dirname(process.execPath)}:${process.env.PATH}`
    const env = cleanEnvironment({ PATH, HOME: folder, PYTHONDONTWRITEBYTECODE: '1' })
    hub = spawn('env', [...env, 'jupyterhub', '-f', config], { cwd: folder, stdio: ['ignore', log, log] })
    closeSync(log)
    for (;;) {
      const answers = await call('GET', '/hub/api/').then(({ status }) => status === 200, () => false)
      if (answers) return
      if (hub.exitCode !== null) throw new Error(`the hub ended: ${readFileSync(join(folder, 'log'), 'utf8')}`)
      await delay(200)
    }
  }

  async function kill (signal: NodeJS.Signals): Promise<void> {
    if (hub === undefined || hub.exitCode !== null || hub.signalCode !== null) return
    const exit = once(hub, 'exit')
    hub.kill(signal)
    await exit
  }

  t.teardown(async () => {
    await kill('SIGTERM')
    if (!t.passing()) t.comment(readFileSync(join(folder, 'log'), 'utf8'))
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  await call('POST', `/hub/api/users/${USER}`)
  return { folder, call, start, kill }
}

function clientOf ({ folder }: Hub): LauncherClient {
  return createClient({ address: join(folder, 'jobs/launcher.sock') })
}

async function jobsOf (hub: Hub): Promise<ClientJob[]> {
  return await collect(clientOf(hub).list({}))
}

/** Repeats a call until it has the status. */
async function untilStatus (hub: Hub, path: string, wanted: number): Promise<string> {
  const until = performance.now() + LIMIT_MS
  for (;;) {
    const { status, text } = await hub.call('GET', path)
    if (status === wanted) return text
    if (performance.now() > until) throw new Error(`${path} answers ${status}: ${text}`)
    await delay(200)
  }
}

t.test('a server is a job that survives kills of its launcher and of its hub, and is stopped', { skip }, async t => {
  const hub = await openHub(t)
  const server = `/hub/api/users/${USER}/server`
  const status = `/user/${USER}/api/status`
  t.match(await hub.call('POST', server), { status: /^20[12]$/ })
  const { started } = JSON.parse(await untilStatus(hub, status, 200))
  const [job] = await jobsOf(hub)
  t.match(job, { status: 'Running', user: USER, readyTime: String })
  t.notMatch(JSON.stringify(job), /JUPYTERHUB_API_TOKEN","value/, 'its token is a secret')

  process.kill(JSON.parse(readFileSync(join(hub.folder, 'jobs/launcher.pid'), 'utf8')).pid, 'SIGKILL')
  await hub.kill('SIGKILL')
  await hub.start()
  t.equal(JSON.parse(await untilStatus(hub, status, 200)).started, started, 'it is the same server')

  t.match(await hub.call('DELETE', server), { status: /^20[24]$/ })
  t.match(await clientOf(hub).ended(job!.id), { reason: 'Stopped' })
  t.match(await hub.call('POST', server), { status: /^20[12]$/ })
  await untilStatus(hub, status, 200)
  t.strictSame((await jobsOf(hub)).map(({ status }) => status).sort(), ['Finished', 'Running'])
  await hub.call('DELETE', server)
})

t.test('a user sees why a server does not start, and the output of its program', { skip }, async t => {
  const hub = await openHub(t, 'c.Spawner.cmd = ["/bin/sh", "-c", "echo no license; exit 3"]\n')
  const { status, text } = await hub.call('POST', `/hub/api/users/${USER}/server`)
  t.equal(status, 500)
  t.match(JSON.parse(text).message, /^Exited: The program ended with exit code 3\.\nno license\n/)
})
