// The limit on a job's output: what a job gets, what becomes of one that exceeds it, and what is kept of its output.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ClientJob, LauncherClient } from '../../launcher/client/client.ts'
import { collect } from '../fixtures/collect.ts'
import { kill, place, start } from './launcher-process.ts'

const MARK = '\n[job-launcher] The job exceeded its output limit of 1 MB and was killed.\n'
const EXCEEDED = {
  status: 'Killed',
  reason: 'OutputLimitExceeded',
  message: 'The program wrote more output than its limit of 1 MB.',
  exitCode: 137
}
/** Some megabytes a second: `yes` alone writes gigabytes. */
const ENDLESS = 'while :; do yes | head -c 50000; sleep 0.01; done'

async function outputOf (client: LauncherClient, id: string, stream: 'stdout' | 'stderr', follow = false) {
  return Buffer.concat(await collect(client.output(id, { stream, follow }))).toString()
}

async function outcome (client: LauncherClient, command: string, more: object = {}): Promise<ClientJob> {
  const { id } = await client.submit({ name: 'job', command, ...more })
  return await client.ended(id)
}

t.test('a job that writes more than its limit is killed, its output is kept, and its end is marked', async t => {
  const here = place(t, { LocalOutputLimit: '1MB' })
  await start(t, here)
  const { client } = here
  const job = await client.submit({ name: 'endless', command: ENDLESS })
  t.match(await client.get(job.id), { resourceLimits: [{ type: 'output', value: 1 }] }, 'the job shows its limit')
  const followed = outputOf(client, job.id, 'stdout', true)
  t.match(await client.ended(job.id), EXCEEDED)
  const kept = await outputOf(client, job.id, 'stdout')
  t.ok(kept.length > 1_000_000, `${kept.length} bytes are kept`)
  t.ok(kept.endsWith(MARK))
  t.equal(kept.slice(0, -MARK.length).replaceAll('y\n', ''), '', 'nothing else is in it')
  t.equal(await followed, kept, 'a follower gets the same')
  t.match(await outcome(client, `exec >&2; ${ENDLESS}`), EXCEEDED, 'standard error counts, too')
  t.match(await outcome(client, 'head -c 900000 /dev/zero; exit 3'), { status: 'Finished', exitCode: 3 })
})

t.test('files that the job chose count, and devices do not', async t => {
  const here = place(t, { LocalOutputLimit: '1MB' })
  await start(t, here)
  const file = join(here.folder, 'chosen')
  t.match(await outcome(here.client, ENDLESS, { stdoutFile: file }), EXCEEDED)
  t.ok(statSync(file).size > 1_000_000)
  t.equal(readFileSync(file, 'utf8').replaceAll('y\n', ''), '', 'the launcher does not write into it')
  t.match(await outcome(here.client, `exec >&2; ${ENDLESS}`, { stdoutFile: file, stderrFile: file }), EXCEEDED)
  t.match(await outcome(here.client, 'head -c 9000000 /dev/zero; sleep 1; exit 4', { stdoutFile: '/dev/null' }), {
    status: 'Finished',
    exitCode: 4
  })
})

t.test('a launcher that is started again kills a job that exceeded its limit meanwhile', async t => {
  const here = place(t, { LocalOutputLimit: '1MB' })
  const first = await start(t, here)
  const go = join(here.folder, 'go')
  const { id } = await here.client.submit({
    name: 'later',
    command: `until [ -e ${go} ]; do sleep 0.05; done; ${ENDLESS}`
  })
  for await (const { status } of here.client.events({ id })) if (status === 'Running') break
  await kill(first)
  writeFileSync(go, '')
  const stdout = join(here.scratchPath, 'Local/jobs', id, 'stdout')
  while (statSync(stdout).size < 2_000_000) spawnSync('sleep', ['0.05'])
  await start(t, here)
  t.match(await here.client.ended(id), EXCEEDED)
  t.ok((await outputOf(here.client, id, 'stdout')).endsWith(MARK))
})

t.test('explain names the line of each limit, and profiles have precedence over the setting', async t => {
  const here = place(t, { LocalOutputLimit: '2 MB' })
  mkdirSync(here.configDir, { recursive: true })
  const profiles = join(here.configDir, 'launcher.local.profiles.conf')
  writeFileSync(profiles, '[nobody]\nmax-output-mb=1\n[daemon]\nmax-output-mb=0\n')
  await start(t, here, { args: ['--set', 'GroupsFromRequest=true'] })
  const limitOf = async (user: string | undefined, asked?: number): Promise<object | undefined> => {
    const { limits, accepted, refusals } = await here.client.explain({
      name: 'n',
      command: 'true',
      ...(user !== undefined && { user }),
      ...(asked !== undefined && { resourceLimits: [{ type: 'output', value: asked }] })
    })
    const limit = limits.find(({ type }) => type === 'output')
    return accepted ? limit : { ...limit, refusal: refusals[0] }
  }
  const conf = join(here.configDir, 'launcher.local.conf')
  const line = readFileSync(conf, 'utf8').split('\n').indexOf('output-limit=2000000') + 1
  const setting = { key: 'output-limit', file: conf, line }
  t.match(await limitOf(undefined), { value: 2, setBy: setting, max: { value: 2, ...setting }, enforced: true })
  t.match(await limitOf(undefined, 1), { asked: 1, value: 1, setBy: undefined, max: { value: 2 } })
  t.match(await limitOf(undefined, 3), {
    refusal: { code: 'LimitExceeded', key: 'output-limit', file: conf, line, maximum: 2, asked: 3 }
  })
  if (process.getuid!() !== 0) return
  t.match(await limitOf('nobody'), { value: 1, setBy: { key: 'max-output-mb', file: profiles, line: 2 } })
  t.match(await limitOf('daemon'), { value: undefined, max: undefined }, '0 is no limit')
  t.match(await limitOf('daemon', 1000), { value: 1000 })
})

t.test('without a limit a job writes on, and the default is 10 GB', async t => {
  const here = place(t, { LocalOutputLimit: '0' })
  const first = await start(t, here)
  t.match(await outcome(here.client, 'head -c 3000000 /dev/zero'), { status: 'Finished', resourceLimits: undefined })
  await kill(first)
  const other = place(t)
  await start(t, other)
  const { limits } = await other.client.explain({ name: 'n', command: 'true' })
  t.match(limits.find(({ type }) => type === 'output'), { value: 10_000 })
  t.ok(existsSync(join(other.configDir, 'launcher.local.conf')))
})
