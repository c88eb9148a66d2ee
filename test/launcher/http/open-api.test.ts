import t from 'tap'
import { openApiDocument } from '../../../launcher/http/open-api.ts'
import { scriptedApp } from '../../fixtures/scripted-app.ts'

interface Document {
  openapi: string
  info: { version: string }
  paths: Record<string, Record<string, { summary?: string; responses: object }>>
}

t.test('the document has every call with a summary and replies, and the server serves it', async t => {
  const document = await openApiDocument('1.2.3') as Document
  t.match(document, { openapi: '3.1.0', info: { version: '1.2.3' } })
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { summary, responses }] of Object.entries(methods)) {
      t.ok(summary, `${method} ${path}`)
      t.ok(Object.keys(responses).length > 0, `${method} ${path}`)
    }
  }
  const { server } = await scriptedApp(t)
  t.strictSame((await server.inject('/openapi.json')).json().paths, JSON.parse(JSON.stringify(document.paths)))
})
