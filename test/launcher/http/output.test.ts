import t from 'tap'
import { LauncherError, RetryableError } from '../../../launcher/errors.ts'
import type { Capabilities, OutputChunk, OutputRequest } from '../../../launcher/plugin.ts'
import { jobsOf } from '../../fixtures/jobs-of.ts'
import { HOST } from '../../fixtures/scripted-jobs.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

type Test = Parameters<typeof scriptedApp>[0]

async function build (
  t: Test,
  pieces: Array<[OutputChunk['stream'], string]> = [],
  refusal?: LauncherError,
  output: Capabilities['output'] = 'separate',
  ofJob?: Capabilities['output']
) {
  const asked: OutputRequest[] = []
  const app = await scriptedApp(t, {
    capabilities: { operations: ['kill'], unsupportedFields: [], output, limits: [] },
    ...(ofJob !== undefined && { outputKind: () => ofJob }),
    async output (_job, request) {
      asked.push(request)
      if (refusal !== undefined) throw refusal
      return (async function * () {
        for (const [stream, text] of pieces) yield { stream, offset: 0, data: Buffer.from(text) }
      })()
    }
  })
  const {
    job: { id }
  } = await app.jobs.submit({ name: 'n', command: 'true' }, HOST)
  for await (const [job] of jobsOf(app.jobs.follow({ id }, undefined, new AbortController().signal))) {
    if (job!.status === 'Running') break
  }
  return {
    ...app,
    id,
    asked,
    get: (query = '', headers = {}) => app.server.inject({ url: `/v1/jobs/${id}/output${query}`, headers })
  }
}

t.test('bytes are sent unchanged', async t => {
  const { get } = await build(t, [['stdout', 'a\n'], ['stderr', 'é']])
  const reply = await get()
  t.equal(reply.body, 'a\né')
  t.match(reply.headers, { 'content-type': 'application/octet-stream' })
})

t.test('offsets come from the query, and for events from the last event', async t => {
  const { get, asked } = await build(t)
  const events = { accept: 'text/event-stream' }
  const cases: Array<[string, object, object]> = [
    ['', {}, { stream: 'both', follow: false, from: { stdout: 0, stderr: 0 } }],
    ['?from=0', {}, { from: { stdout: 0, stderr: 0 } }],
    ['?from=3,4', {}, { stream: 'both', from: { stdout: 3, stderr: 4 } }],
    ['?stream=stdout&from=3', {}, { stream: 'stdout', from: { stdout: 3, stderr: 0 } }],
    ['?stream=stderr&from=3', {}, { stream: 'stderr', from: { stdout: 0, stderr: 3 } }],
    ['?stream=stdout&from=3', { ...events, 'last-event-id': '9' }, { from: { stdout: 9, stderr: 0 } }],
    ['?from=3,4', { ...events, 'last-event-id': '9,10' }, { from: { stdout: 9, stderr: 10 } }],
    ['?stream=stdout&from=3', { 'last-event-id': '9' }, { from: { stdout: 3, stderr: 0 } }]
  ]
  for (const [query, headers, expected] of cases) {
    t.equal((await get(query, headers)).statusCode, 200, query)
    t.match(asked.at(-1), expected, query)
  }
})

t.test('impossible offsets are refused', async t => {
  const { get } = await build(t)
  for (const query of [
    '?from=5',
    '?stream=stdout&from=1,2',
    '?from=-1',
    '?from=1.5',
    '?from=x',
    '?from=9999999999999999',
    '?stream=all',
    '?follow=maybe'
  ]) {
    t.match((await get(query)).json(), { code: 'InvalidRequest', status: 400 }, query)
  }
})

t.test('a cluster with one stream returns it for both and stdout, and refuses stderr', async t => {
  const { get, asked } = await build(t, [['mixed', 'a']], undefined, 'mixed')
  for (const query of ['?from=3', '?stream=both&from=3', '?stream=stdout&from=3']) {
    t.equal((await get(query)).body, 'a', query)
    t.match(asked.at(-1), { from: { stdout: 3, stderr: 0 } }, query)
  }
  t.match((await get('?from=3,4')).json(), { code: 'InvalidRequest' })
  const calls = asked.length
  t.match((await get('?stream=stderr')).json(), {
    code: 'NotSupportedByCluster',
    status: 422,
    detail: /stores stdout and stderr as one stream .* Use stream=both/
  })
  t.equal(asked.length, calls, 'the plugin is not called')
})

t.test('a job with one stream in a cluster that stores two has one offset, and stderr is not refused', async t => {
  const { get, asked } = await build(t, [['mixed', 'a']], undefined, 'separate', 'mixed')
  t.equal((await get('?from=3')).body, 'a')
  t.match(asked.at(-1), { stream: 'both', from: { stdout: 3, stderr: 0 } })
  t.match((await get('?from=3,4')).json(), { code: 'InvalidRequest' })
  t.equal((await get('?stream=stderr')).statusCode, 200)
})

t.test('a job with two streams in a cluster that stores one has two offsets and stderr', async t => {
  const { get, asked } = await build(t, [], undefined, 'mixed', 'separate')
  t.equal((await get('?from=3,4')).statusCode, 200)
  t.match(asked.at(-1), { from: { stdout: 3, stderr: 4 } })
  t.equal((await get('?stream=stderr&from=2')).statusCode, 200)
})

t.test('a refusal of the cluster comes before the first byte', async t => {
  const { get } = await build(t, [], new LauncherError('OutputOffsetPastEnd', 'The output has 3 bytes.', { size: 3 }))
  const reply = await get('?from=9,9')
  t.equal(reply.statusCode, 416)
  t.match(reply.json(), { code: 'OutputOffsetPastEnd', size: 3 })
})

t.test('a follower gets the end when the job has its outcome', async t => {
  const { get, jobs, id } = await build(t, [['stdout', 'a']])
  const reply = get('?follow=true', { accept: 'text/event-stream' })
  await new Promise(resolve => setImmediate(resolve))
  await jobs.control(id, 'kill')
  t.match(
    (await reply).body,
    /event: output\nid: 1,0\ndata: .*\n\nevent: end\nid: end\ndata: \{"status":"Killed","outcome":"stopped","exitCode":137,"reason":"KilledOnRequest"\}\n\n$/
  )
})

t.test('a followed request reports the end of the job to the plugin', async t => {
  const app = await scriptedApp(t, {
    async output (_job, { ended }) {
      return (async function * () {
        if (!ended!.aborted) await new Promise(resolve => ended!.addEventListener('abort', resolve))
        yield { stream: 'stdout' as const, offset: 0, data: Buffer.from('ended') }
      })()
    },
    async start () { throw new RetryableError('Not now.') }
  })
  const { job: { id } } = await app.jobs.submit({ name: 'n', command: 'true' }, HOST)
  const reply = app.server.inject({ url: `/v1/jobs/${id}/output?follow=true` })
  await app.jobs.control(id, 'cancel')
  t.equal((await reply).body, 'ended')
})

t.test('tail starts at the last lines, not with from, and a resumed stream goes on where it was', async t => {
  const { get, asked } = await build(t, [['stdout', 'b\n']])
  t.equal((await get('?tail=1')).statusCode, 200)
  t.match(asked.at(-1), { tailLines: 1, from: { stdout: 0, stderr: 0 } })
  await get('?tail=1', { accept: 'text/event-stream', 'last-event-id': '5,0' })
  t.match(asked.at(-1), { tailLines: undefined, from: { stdout: 5, stderr: 0 } })
  for (const query of ['?tail=1&from=0,0', '?tail=-1', '?tail=x', '?tail=100001', '?tail=1.5']) {
    t.match((await get(query)).json(), { status: 400, code: 'InvalidRequest', field: 'tail', in: 'query' }, query)
  }
})
