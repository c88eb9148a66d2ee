// Drives a launcher with the client that orval makes.

import { strict as assert } from 'node:assert'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import {
  controlJob, deleteJob, getFollowJobUrl, getJob, getJobOutput, listJobs, submitJob, type Job
} from './generated/orval.ts'

const tool = 'orval'
const base = process.env.LAUNCHER_URL!
const headers = { authorization: `Bearer ${process.env.LAUNCHER_KEY!}` }
const send = globalThis.fetch
// The client has paths alone, because the document names no other server than the one that it comes from.
globalThis.fetch = async (path, options) => await send(new URL(String(path), base), options)

async function submit (command: string): Promise<Job> {
  const reply = await submitJob({ name: 'made', command, tags: ['made', tool] }, undefined, { headers })
  if (reply.status !== 201) throw new Error('refused')
  const { data } = reply
  if ('ids' in data) throw new Error('not one job')
  return data
}

const { id } = await submit('echo hi')
const followed = await fetch(getFollowJobUrl(id), { headers })
let last: Job | undefined
for await (const line of createInterface({ input: Readable.fromWeb(followed.body as never) })) {
  if (line.startsWith('data: ')) last = JSON.parse(line.slice('data: '.length)) as Job
}
assert.equal(last?.outcome, 'succeeded')
const shown = await getJob(id, undefined, { headers })
assert.equal(shown.status === 200 && shown.data.exitCode, 0)
const list = await listJobs({ tag: ['made', tool], status: ['Finished'] }, { headers })
assert.deepEqual(list.status === 200 && list.data.jobs.map(job => job.id), [id])
const output = await getJobOutput(id, undefined, { headers })
assert.equal(output.status === 200 && await (output.data as Blob).text(), 'hi\n')
const { id: long } = await submit('sleep 60')
await getJob(long, { wait: 'running' }, { headers })
const stopped = await controlJob(long, { operation: 'kill' }, { wait: 'ended' }, { headers })
assert.equal(stopped.status === 202 && stopped.data.outcome, 'stopped')
const again = await controlJob(long, { operation: 'stop' }, undefined, { headers })
assert.equal('code' in again.data && again.data.code, 'InvalidJobState')
for (const each of [id, long]) assert.equal((await deleteJob(each, { headers })).status, 204)
