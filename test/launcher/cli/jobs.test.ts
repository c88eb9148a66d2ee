import t from 'tap'
import { place, start } from '../../e2e/launcher-process.ts'
import { commandLine, type CommandLineOptions } from '../../fixtures/command-line.ts'
import { stubLauncher } from '../../fixtures/stub-launcher.ts'

const here = place(t)
await start(t, here)
const jobs = (args: string[], surroundings: CommandLineOptions = {}) =>
  commandLine(['jobs', '--socket', here.socket, ...args], surroundings)

const failed = await here.client.submit({ name: 'a job with a long name', command: 'exit 3', tags: ['nightly', 'x'] })
const done = await here.client.submit({ name: 'b', command: 'true', tags: ['nightly'] })
await Promise.all([here.client.ended(failed.id), here.client.ended(done.id)])

t.test('jobs are listed with the newest first', async t => {
  const { code, stdout } = await jobs([])
  const [heading, ...rows] = stdout.trimEnd().split('\n')
  t.equal(code, 0)
  t.match(heading, /^ID +NAME +USER +CLUSTER +STATUS +EXIT +AGE +TOOK +REASON$/)
  t.match(rows, [
    new RegExp(`^${done.id} +b .* Finished +0 .* Exited$`),
    new RegExp(`^${failed.id} +a job with a long name .* Finished +3 .* Exited$`)
  ])
})

t.test('on a terminal no line exceeds its width', async t => {
  for (const columns of [120, 90, 40]) {
    const { stdout } = await jobs([], { columns })
    for (const line of stdout.trimEnd().split('\n')) t.ok(line.length <= columns, `${columns}: ${line}`)
    t.match(stdout, columns === 120 ? 'a job with a long name' : /a job.*…/)
  }
})

t.test('filters are passed to the launcher', async t => {
  const ids = async (...args: string[]) =>
    (await jobs(['--json', ...args])).stdout
      .trim()
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line).id)
  t.same(await ids('--tag', 'nightly', '--tag', 'x'), [failed.id])
  t.same(await ids('--status', 'finished,Failed', '--cluster', 'Local', '--user', done.user), [done.id, failed.id])
  t.same(await ids('--status', 'Running', '--status', 'Pending'), [])
  t.same(await ids('--failed'), [failed.id])
  t.same(await ids('--outcome', 'succeeded,Failed'), [done.id, failed.id])
  t.same(await ids('--outcome', 'stopped', '--outcome', 'lost'), [])
  t.same(await ids('--reason', 'exited', '--exit-code', '0', '--exit-code', '1'), [done.id])
  t.same(await ids('--name', 'a job*'), [failed.id])
  t.same(await ids('--name', 'a job', '--name', 'b'), [done.id])
  t.same(await ids('--since', '1h'), [done.id, failed.id])
  t.same(await ids('--since', '2999-01-01T00:00:00Z'), [])
  t.same(await ids('--limit', '1'), [done.id])
  t.same(await ids('--limit', '0'), [])
})

t.test('a list or summary that may lack jobs of an earlier launcher is followed by a note', async t => {
  const summary = ['--summary', '--json']
  for (const [complete, ...options] of [[true], [false], [true, ...summary], [false, ...summary]]) {
    const { address } = await stubLauncher(t, (_, response) => response.end(JSON.stringify({ jobs: [], complete })))
    const { code, stderr } = await commandLine(['jobs', '--socket', address, ...options as string[]])
    t.equal(code, 0)
    t.equal(stderr, complete ? '' : 'Jobs of an earlier launcher may be missing: not all of them are known yet.\n')
  }
})

t.test('--watch prints a line for each change until it is interrupted', async t => {
  const interrupt = new AbortController()
  const watched = jobs(['--watch', '--tag', 'watched'], {
    signal: interrupt.signal,
    onStdout: soFar => { if (/Finished/.test(soFar)) interrupt.abort() }
  })
  await here.client.submit({ name: 'w', command: 'true', tags: ['watched'] })
  const { code, stdout } = await watched
  t.equal(code, 0)
  t.match(stdout, /^ID [^]* Finished +0 /)
  t.notMatch(stdout, done.id)
})

t.test('--json and show have the outcome of an ended job', async t => {
  const { stdout } = await jobs(['--json', '--tag', 'x'])
  t.match(JSON.parse(stdout), { id: failed.id, outcome: 'failed', status: 'Finished', exitCode: 3 })
  t.match((await commandLine(['show', done.id, '--socket', here.socket])).stdout, /^outcome +succeeded$/m)
})

t.test('--watch with --json prints one object a line, at most --limit of them', async t => {
  const { stdout } = await jobs(['--watch', '--json', '--tag', 'nightly', '--limit', '2'])
  t.same(stdout.trim().split('\n').map(line => JSON.parse(line).id).sort(), [failed.id, done.id])
})

t.test('--watch says what becomes of the jobs that it printed', async t => {
  for (const json of [false, true]) {
    const interrupt = new AbortController()
    const { id } = await here.client.submit({ name: 'leaves', command: 'sleep 300', tags: ['leaves'] })
    let killed: Promise<unknown> | undefined
    const watched = jobs(['--watch', '--tag', 'leaves', '--status', 'Running', ...(json ? ['--json'] : [])], {
      signal: interrupt.signal,
      onStdout: soFar => {
        if (soFar.includes(id)) killed ??= here.client.control(id, 'kill')
        if (/any more|unmatched/.test(soFar)) interrupt.abort()
      }
    })
    const { stdout } = await watched
    await killed
    if (json) {
      const lines = stdout.trim().split('\n').map(line => JSON.parse(line))
      t.match(lines, [{ id, status: 'Running' }, { event: 'removed', id, why: 'unmatched' }])
    } else {
      t.match(stdout, new RegExp(`\n${id} .* Running [^]*\n${id}  does not match any more\n$`))
    }
  }
})

t.test('--watch says when the lines before do not count any more', async t => {
  for (const json of [false, true]) {
    const { address } = await stubLauncher(t, (_, response) => {
      const removed = 'event: removed\nid: a-1\ndata: {"id":"never printed","why":"expired"}\n\n'
      response.write(`event: reset\ndata: {}\n\n${removed}event: job\nid: a-2\ndata: ${JSON.stringify(done)}\n\n`)
    })
    const args = ['jobs', '--watch', '--limit', '1', '--socket', address, ...(json ? ['--json'] : [])]
    const { stdout, stderr } = await commandLine(args)
    t.equal(stderr, json ? '' : 'The lines before this do not count any more. Every job that exists follows.\n')
    t.match(stdout, json ? /^\{"event":"reset"\}\n\{"id":".*\n$/ : new RegExp(`^ID .*\n${done.id} .*\n$`))
  }
})

t.test('--watch --failed prints a job when it has failed, and no other', async t => {
  const watched = jobs(['--watch', '--json', '--failed', '--tag', 'f', '--limit', '1'])
  const good = await here.client.submit({ name: 'good', command: 'true', tags: ['f'] })
  await here.client.ended(good.id)
  const bad = await here.client.submit({ name: 'bad', command: 'exit 4', tags: ['f'] })
  t.match(JSON.parse((await watched).stdout), { id: bad.id, outcome: 'failed', exitCode: 4 })
})

t.test('--summary prints numbers instead of jobs, with the same filters', async t => {
  const { code, stdout } = await jobs(['--summary', '--tag', 'nightly'])
  t.equal(code, 0)
  t.equal(stdout.replace(/ +/g, ' '), [
    'BY VALUE JOBS', 'all 2', 'status Finished 2', 'outcome succeeded 1', 'outcome failed 1',
    `user ${done.user} 2`, 'cluster Local 2', ''
  ].join('\n'))
  t.match(JSON.parse((await jobs(['--summary', '--json', '--failed', '--tag', 'x'])).stdout), {
    count: 1, byStatus: { Finished: 1, Running: 0 }, byOutcome: { failed: 1, lost: 0 }, complete: true
  })
  for (const option of [['--watch'], ['--limit', '1']]) {
    t.match(await jobs(['--summary', ...option]), { code: 64, stderr: /goes without --watch and --limit/ })
  }
})

t.test('a filter or limit with an impossible value is refused', async t => {
  t.match(await jobs(['--status', 'Runing']), {
    code: 64,
    stderr: /--status Runing: there is no such status; did you mean Running\?/
  })
  t.match(await jobs(['--limit', 'x']), { code: 64, stderr: /--limit x: must be a whole number/ })
  t.match(await jobs(['extra']), { code: 64, stderr: /unexpected argument "extra"/ })
})
