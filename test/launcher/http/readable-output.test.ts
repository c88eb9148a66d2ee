import t from 'tap'
import { truncated, type ForeignJob, type OutputRequest } from '../../../launcher/plugin.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

const ID = '38h88g9440t1qbtyx3rzs5qwdn'

async function build (t: Parameters<typeof scriptedApp>[0], changes: Partial<ForeignJob> = {}) {
  const app = await scriptedApp(t, {
    async foreignJob (id): Promise<ForeignJob | undefined> {
      return id !== ID
        ? undefined
        : {
            id,
            user: 'anna',
            instance: 'c0ffee000000',
            submission: { name: 'n', command: 'true' },
            submissionTime: 0,
            async observe () {
              return { state: 'ended', outcome: { status: 'Failed', reason: 'Exited', message: 'm', exitCode: 4 } }
            },
            ...changes
          }
    }
  })
  return (query: string, headers = {}) => app.server.inject({ url: `/v1/jobs/${ID}/output${query}`, headers })
}

const output = async ({ stream, from }: OutputRequest) => (async function * () {
  yield { stream: 'stdout', offset: from.stdout, data: Buffer.from(`${stream} from ${from.stdout}`) } as const
})()

t.test('the output of a job of another launcher is read with scope=installation alone', async t => {
  const get = await build(t, { output })
  t.match((await get('')).json(), { code: 'JobNotFound' })
  t.match((await get('?scope=instance')).json(), { code: 'JobNotFound' })
  t.match((await get('?scope=all')).json(), { code: 'InvalidRequest' })
  t.equal((await get('?scope=installation&from=3,0')).body, 'both from 3')
})

t.test('the events of a job of another launcher end with its outcome', async t => {
  const get = await build(t, { output })
  const { body } = await get('?scope=installation&follow=true', { accept: 'text/event-stream' })
  t.match(body, /event: end\nid: end\ndata: {"status":"Failed","outcome":"failed","exitCode":4,"reason":"Exited"}/)
})

t.test('the events of a job of another launcher say that its output is incomplete', async t => {
  const outcome = { status: 'Finished', reason: 'Exited', message: 'm', exitCode: 0 } as const
  const outputTruncated = truncated('LogFileChanged')
  const get = await build(t, { output, observe: async () => ({ state: 'ended', outcome, outputTruncated }) })
  const { body } = await get('?scope=installation&follow=true', { accept: 'text/event-stream' })
  t.match(body, /event: end\nid: end\ndata: .*"outputTruncated":{"reason":"LogFileChanged"/)
})

t.test('the events of a job of another launcher that runs on have no end', async t => {
  const get = await build(t, { output, observe: async () => ({ state: 'running', startTime: 1 }) })
  const { body } = await get('?scope=installation', { accept: 'text/event-stream' })
  t.notMatch(body, /event: end/)
})

t.test('a job of another launcher does not exist for another user', async t => {
  const get = await build(t, { output })
  t.match((await get('?scope=installation', { 'x-launcher-user': 'berta' })).json(), { code: 'JobNotFound' })
  t.equal((await get('?scope=installation', { 'x-launcher-user': 'anna' })).statusCode, 200)
})

t.test('output that only the other launcher can read is refused with its instance', async t => {
  const reply = (await (await build(t))('?scope=installation')).json()
  t.match(reply, { code: 'NotSupportedByCluster', field: 'scope', message: undefined })
  t.match(reply.detail, /instance c0ffee000000.*Ask the host of that launcher/)
})
