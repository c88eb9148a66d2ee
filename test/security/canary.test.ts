// A secret of a job appears only where SECURITY.md says, and nowhere after the job is destroyed.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { once } from 'node:events'
import t from 'tap'
import { kill, place, start, type Place, type Running } from '../e2e/launcher-process.ts'
import { openApiOperations } from '../fixtures/open-api.ts'
import { filesWithCanaries, findCanaries, type Canaries, type Find } from './canary.ts'

const CANARIES: Canaries = {
  secret: 'c4n4ry-s3cr3t-"value"-Zq81',
  stdin: 'c4n4ry-st4nd4rd-input-Kx27',
  environment: 'c4n4ry-env1ronment-Pw53'
}
const { secret, stdin, environment } = CANARIES as { secret: string; stdin: string; environment: string }

t.test('the search finds a value in any of its forms', async t => {
  const forms = [
    secret,
    JSON.stringify({ secret }),
    Buffer.from(`x${secret}y`).toString('base64'),
    Buffer.from(`xy${secret}`).toString('base64'),
    Buffer.from(secret).toString('hex'),
    encodeURIComponent(secret),
    Buffer.from(secret)
  ]
  for (const form of forms) {
    t.strictSame(findCanaries(CANARIES, 'here', form), [{ where: 'here', canary: 'secret' }], String(form))
  }
  t.strictSame(findCanaries(CANARIES, 'here', 'c4n4ry'), [])
})

t.test(
  "after a full run, secret and standard input are only in the database and the job's own folder",
  { timeout: 300_000 },
  async t => {
    const here = place(t, { LogLevel: 'trace' })
    const found: Find[] = []
    const scan = (where: string, content: string | Uint8Array): void => {
      found.push(...findCanaries(CANARIES, where, content))
    }
    const commandLines = watchCommandLines(scan)
    t.teardown(commandLines.stop)
    const first = await start(t, here)

    const body = {
      stdin,
      secrets: [{ name: 'TOKEN', value: secret }],
      environment: [{ name: 'SHOWN', value: environment }]
    }
    const given = 'test "$(cat | wc -c)" -gt 0 && test -n "$TOKEN" && test -n "$SHOWN"'
    const submissions = {
      finishes: { ...body, command: given },
      'runs on': { ...body, command: `${given} && exec sleep 1000`, exposedPorts: [{}] },
      'fails in its program': { ...body, command: 'exit 3' },
      'is not found': { ...body, exe: '/no/such/program' },
      'has no folder': { ...body, exe: '/bin/true', workingDirectory: '/no/such/folder' }
    }
    const ids: Record<string, string> = {}
    for (const [name, submission] of Object.entries(submissions)) {
      const job = await here.client.submit({ name, ...submission }, { idempotencyKey: name })
      scan('the reply to a submission', JSON.stringify({ ...job, environment: undefined }))
      ids[name] = job.id
    }
    t.match(
      await here.client.ended(ids.finishes!),
      { status: 'Finished', exitCode: 0 },
      'the job got what it was given'
    )
    for (const name of ['fails in its program', 'is not found', 'has no folder']) await here.client.ended(ids[name]!)

    // Problems of a job with secrets are reported without the secrets.
    const wrong: object[] = [
      { secrets: [{ name: '1' + secret, value: 'x' }] },
      { secrets: [{ name: 'A', value: secret + '\0' }] },
      { secrets: [{ name: 'A', valu: secret }] },
      { secrets: { A: secret } },
      { secrets: secret },
      {
        secrets: [
          { name: 'A', value: secret },
          { name: 'A', value: secret }
        ]
      },
      { secrets: [{ name: 'A', value: [secret] }] },
      { stdin: [stdin] },
      { stdin: `${stdin}\0` },
      { stdin: { stdin } },
      { ...body, exe: undefined },
      { ...body, command: 'x' },
      { ...body, container: { image: 'x' } },
      { ...body, cluster: 'none' },
      { ...body, user: 'nosuchuser-x' },
      { secrets: [{ name: 'A', value: secret.repeat(10_000) }] }
    ]
    for (const [index, part] of wrong.entries()) {
      for (const text of [
        JSON.stringify({ name: 'wrong', exe: '/bin/true', ...part }),
        JSON.stringify({ name: 'wrong', exe: '/bin/true', ...part }).slice(0, -1)
      ]) {
        // A name is not a value and may be shown.
        if (index > 0) scan(`the refusal ${index}`, await ask(here, 'POST', '/v1/jobs', text))
      }
    }
    scan(
      'a dry run',
      await ask(
        here,
        'POST',
        '/v1/jobs?dryRun=true',
        JSON.stringify({ name: 'dry', exe: '/bin/true', ...body, environment: [] })
      )
    )
    scan(
      'an explanation',
      await ask(
        here,
        'POST',
        '/v1/explain',
        JSON.stringify({ name: 'unknown user', exe: '/bin/true', ...body, environment: [], user: 'nosuchuser-x' })
      )
    )
    scan(
      'a repetition',
      JSON.stringify({
        ...(await here.client.submit({ name: 'finishes', ...submissions.finishes }, { idempotencyKey: 'finishes' })),
        environment: undefined
      })
    )

    // Later requests, to this launcher and to the next.
    const second = await again(t, here, first)
    const [, database] = /"lastEventId":"(\w+)-/.exec(await ask(here, 'GET', '/v1/jobs'))!
    for (const { method, path } of openApiOperations(JSON.parse(await ask(here, 'GET', '/openapi.json')) as never)) {
      if (method !== 'GET') continue
      for (const [name, id] of Object.entries(ids)) {
        for (const accept of ['application/json', 'text/event-stream']) {
          const reply = await ask(here, 'GET', path.replace('{id}', id).replace('{name}', 'Local'), undefined, {
            accept,
            'last-event-id': path.endsWith('/events') ? `${database}-0` : '0'
          })
          scan(`${method} ${path} of the job that ${name}`, reply.replaceAll(environment, ''))
        }
      }
    }
    await here.client.control(ids['runs on']!, 'kill')
    await here.client.ended(ids['runs on']!)
    commandLines.stop()
    t.ok(commandLines.seen() > 100, `${commandLines.seen()} command lines were read`)
    scan('the first log', first.log())
    scan('the second log', second.log())
    t.strictSame(found, [], 'it is in no reply, command line or log')

    const places = new Set(
      filesWithCanaries(CANARIES, here).map(({ where }) =>
        where.replace(/\/[0-9a-z]{26}\//, '/ID/').replace(/^scratch\/jobs\.db.*/, 'scratch/jobs.db')
      )
    )
    t.strictSame([...places].sort(), [
      'scratch/Local/jobs/ID/job.json',
      'scratch/Local/jobs/ID/launch',
      'scratch/Local/jobs/ID/stdin',
      'scratch/jobs.db'
    ])
    t.strictSame(
      filesWithCanaries(CANARIES, here).filter(
        ({ where, canary }) => where.endsWith('job.json') && canary !== 'environment'
      ),
      [],
      'the record has the open environment only'
    )

    for (const id of Object.values(ids)) await here.client.remove(id)
    second.child.kill('SIGTERM')
    await second.exit
    t.strictSame(filesWithCanaries(CANARIES, here), [], 'nothing is left of forgotten jobs')
  })

/** Kills the launcher and starts the next. */
async function again (t: Parameters<typeof start>[0], here: Place, running: Running): Promise<Running> {
  await kill(running)
  return await start(t, here)
}

/** Reads the arguments of every process repeatedly during a full run. */
function watchCommandLines (scan: (where: string, content: Uint8Array) => void) {
  let seen = 0
  let timer = setImmediate(readAll)
  function readAll (): void {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      if (!existsSync(`/proc/${pid}/cmdline`)) continue
      try {
        scan('a command line', readFileSync(`/proc/${pid}/cmdline`))
        seen++
      } catch {
        // The process has ended meanwhile.
      }
    }
    timer = setImmediate(readAll)
  }
  return { seen: () => seen, stop: () => clearImmediate(timer) }
}

/** Status, headers and body; of a stream only its first iteration, because some never end. */
async function ask (
  { socket }: Place,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {}
): Promise<string> {
  const sent = request({
    socketPath: socket,
    method,
    path,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  })
  sent.end(body)
  const [response] = await once(sent, 'response')
  sent.on('error', () => {}) // A body that was refused may be cut off after the reply.
  let text = path === '/openapi.json' ? '' : `${response.statusCode} ${JSON.stringify(response.headers)}\n`
  const isStream = response.headers['content-type'] === 'text/event-stream'
  for await (const piece of response) {
    text += piece
    if (isStream && text.includes('data:')) break
  }
  return text
}
