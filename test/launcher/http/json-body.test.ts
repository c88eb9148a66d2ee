import t from 'tap'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

t.test('a body with too many names and values is refused before it is parsed, and its text is not counted', async t => {
  const { server } = await scriptedApp(t, {}, { maxMessageBytes: 5_000_000 })
  const post = async (payload: string) => {
    const reply = await server.inject({
      method: 'POST', url: '/v1/jobs?dryRun=true', payload, headers: { 'content-type': 'application/json' }
    })
    return { status: reply.statusCode, detail: reply.json().detail as string | undefined }
  }
  t.match(await post(`[${'0,'.repeat(100_001)}0]`), { status: 400, detail: /more than 100000 names and values/ })
  t.match(await post(`${'['.repeat(200_000)}`), { status: 400, detail: /more than 100000 names and values/ })
  t.match(await post(JSON.stringify({ name: 'a', exe: 'b', stdin: '[,\\",:'.repeat(100_000) })), { status: 200 })
  t.match(await post(`{"name": ${' '.repeat(200_000)}`), { status: 400, detail: /JSON/ })
  t.match(await post('{"__proto__": {}}'), { status: 400 })
})
