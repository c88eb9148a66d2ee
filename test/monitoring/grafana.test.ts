// The dashboard is what Grafana's own types describe. Only scripts/suites/monitoring runs it.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const { GRAFANA_TOOLS: tools } = process.env
const skip = tools === undefined ? 'only scripts/suites/monitoring runs it' : false
const ROOT = join(import.meta.dirname, '../..')

t.test('the dashboard has the types of Grafana', { skip }, async t => {
  const text = readFileSync(join(ROOT, 'examples/monitoring/grafana-dashboard.json'), 'utf8')
  const folder = join(tools!, 'checked')
  const source = (json: string): string =>
    `import type { Dashboard } from '@grafana/schema'\nexport const dashboard: Partial<Dashboard> = ${json}\n`
  const check = (json: string): string => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'dashboard.ts'), source(json))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', types: [] },
      files: ['dashboard.ts']
    }))
    try {
      execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder])
      return ''
    } catch (error) {
      return String((error as { stdout: Buffer }).stdout)
    }
  }
  t.equal(check(text), '')
  const wrong = text.replace('"schemaVersion": 39', '"schemaVersion": "39"')
  t.match(check(wrong), /'string' is not assignable to type 'number'/, 'a wrong type is found')
})
