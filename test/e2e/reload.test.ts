// Changes of the operator, by SIGHUP or in watched files, apply to the next job, and no reader of a stream notices.

import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { place, start, type Place, type Running } from './launcher-process.ts'

const TICKS = 'while :; do echo tick; sleep 0.05; done'
const LARGE: JobSubmission = { name: 'large', command: 'true', resourceLimits: [{ type: 'memory', value: 200 }] }

interface OpenStream {
  /** Resolves when this text has arrived after the call. */
  next (text: string): Promise<void>
  /** Number of times that the stream ended or broke. */
  readonly ends: () => number
  readonly end: Promise<unknown>
}

/** One request, whose reply is read as it arrives and never requested again. */
async function openStream (t: Test, { socket }: Place, path: string): Promise<OpenStream> {
  const sent = request({
    socketPath: socket,
    path,
    headers: { accept: path.endsWith('/events') ? 'text/event-stream' : '*/*' }
  }).end()
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  t.equal(reply.statusCode, 200)
  t.teardown(() => reply.destroy())
  let text = ''
  let ends = 0
  reply.setEncoding('utf8').on('data', piece => { text += piece })
  const end = once(reply, 'end')
  reply.on('close', () => { ends++ })
  return {
    async next (wanted) {
      text = ''
      while (!text.includes(wanted)) await once(reply, 'data')
    },
    ends: () => ends,
    end
  }
}

async function untilLog ({ child, log }: Running, from: number, wanted: RegExp): Promise<string> {
  while (!wanted.test(log().slice(from))) await once(child.stderr!, 'data')
  return log().slice(from)
}

t.test('new policy and settings apply to the next job, and open streams continue', { timeout: 120_000 }, async t => {
  const here = place(t)
  const profiles = join(here.folder, 'profiles.conf')
  const other = join(here.folder, 'other.conf')
  const settings = readFileSync(here.settings, 'utf8')
  const nameProfiles = (file: string): void =>
    writeFileSync(here.settings, `${settings}LocalProfilesConfig = ${file}\n`)
  writeFileSync(profiles, '')
  nameProfiles(profiles)
  const running = await start(t, here)
  const { client } = here
  const policy = async () => (await client.cluster('Local')).policy
  const refusal = () =>
    client.submit(LARGE, { dryRun: true }).then(
      () => undefined,
      error => error
    )
  const metric = async (name: string): Promise<number> =>
    Number(
      new RegExp(`^job_launcher_${name}\\{cluster="Local"\\} (\\S+)$`, 'm').exec(await textOf(here, '/metrics'))?.[1]
    )

  const ticking = await client.submit({ name: 'ticks', command: TICKS })
  for await (const job of client.events({ id: ticking.id })) if (job.status === 'Running') break
  const output = await openStream(t, here, `/v1/jobs/${ticking.id}/output?stream=stdout&follow=true`)
  const events = await openStream(t, here, '/v1/jobs/events')

  /** Both streams report later changes on the connection that they had. */
  async function streamsGoOn (t: Test): Promise<void> {
    const event = events.next('"after"')
    await client.submit({ name: 'after', command: 'true' })
    await Promise.all([event, output.next('tick')])
    t.strictSame([output.ends(), events.ends()], [0, 0], 'no stream was dropped')
  }

  await t.test('a new profiles file applies at once', async t => {
    const [before, loaded] = [await policy(), await metric('policy_loaded_timestamp_seconds')]
    t.notMatch(await refusal(), { code: 'LimitExceeded' })
    writeFileSync(profiles, '[*]\nmax-mem-mb = 100\n')
    while ((await policy()).since === before.since);
    t.match(await refusal(), {
      code: 'LimitExceeded',
      message: new RegExp(`${profiles} line 2 allows .* max-mem-mb=100`)
    })
    t.ok((await metric('policy_loaded_timestamp_seconds')) > loaded)
    await streamsGoOn(t)
  })

  await t.test('a wrong profiles file leaves the old one in force, and the log names the line', async t => {
    const before = await policy()
    const from = running.log().length
    writeFileSync(profiles, '[*]\n\nmax-mem-gb = 1\n')
    while ((await policy()).problem === undefined);
    const { since, lastTried, problem } = await policy()
    t.equal(problem, `${profiles} line 3: max-mem-gb is not a known key; did you mean max-mem-mb?`)
    t.equal(since, before.since)
    t.ok(lastTried > before.lastTried)
    t.match(await refusal(), { code: 'LimitExceeded', details: { file: profiles, line: 2, maximum: 100 } })
    t.match(await untilLog(running, from, /policy files invalid/), `${profiles} line 3: max-mem-gb`)
    t.equal(await metric('policy_failures_total'), 1)
    await streamsGoOn(t)
  })

  await t.test('a corrected profiles file applies', async t => {
    writeFileSync(profiles, '[*]\n\nmax-mem-mb = 150\n')
    while ((await policy()).problem !== undefined);
    t.match(await refusal(), { details: { line: 3, maximum: 150 } })
    await streamsGoOn(t)
  })

  await t.test('SIGHUP loads settings that name another file', async t => {
    const before = await policy()
    writeFileSync(other, '[*]\nmax-mem-mb = 50\n')
    nameProfiles(other)
    running.child.kill('SIGHUP')
    while ((await policy()).since === before.since);
    t.match(await refusal(), { details: { file: other, line: 2, maximum: 50 } })
    await streamsGoOn(t)
  })

  await t.test('SIGHUP with a wrong file changes nothing, and the log names the line', async t => {
    const from = running.log().length
    const wrong = join(here.folder, 'wrong.conf')
    writeFileSync(wrong, '[*]\nmax-cpus = many\n')
    nameProfiles(wrong)
    running.child.kill('SIGHUP')
    await untilLog(running, from, /wrong\.conf line 2: max-cpus is not a number greater than 0: many/)
    t.match(await refusal(), { details: { file: other, line: 2, maximum: 50 } })
    await streamsGoOn(t)
  })

  await client.control(ticking.id, 'kill')
  await output.end
  t.match(await client.get(ticking.id), { status: 'Killed' })
})

async function textOf ({ socket }: Place, path: string): Promise<string> {
  const [reply] = await once(request({ socketPath: socket, path }).end(), 'response') as [IncomingMessage]
  let text = ''
  for await (const piece of reply) text += piece
  return text
}
