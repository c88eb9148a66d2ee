// Every regular expression in the code takes a time that grows no faster than the text: a text that a client chooses
// must not hold the event loop.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyse } from 'scslre'
import t from 'tap'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')
const sources = globSync('{launcher,plugins}/**/*.ts', { cwd: root })

interface Expression { readonly where: string, readonly source: string, readonly flags: string }

/** Literals, and the patterns of schemas. */
function writtenIn (name: string): Expression[] {
  const text = readFileSync(join(root, name), 'utf8')
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const found: Expression[] = []
  const visit = (node: ts.Node): void => {
    const where = `${name} line ${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      found.push({ where, source: node.text.slice(1, end), flags: node.text.slice(end + 1) })
    }
    if (
      ts.isPropertyAssignment(node) && node.name.getText(file) === 'pattern' && ts.isStringLiteralLike(node.initializer)
    ) {
      found.push({ where, source: node.initializer.text, flags: '' })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Those that are put together while the modules are loaded. */
async function builtWhileLoading (): Promise<Expression[]> {
  const found: Expression[] = []
  const Original = globalThis.RegExp
  globalThis.RegExp = new Proxy(Original, {
    construct (Target, args: [string | RegExp, string?]) {
      const made = new Target(...args)
      const caller = /\/((?:launcher|plugins)\/[^):]+\.ts):(\d+)/.exec(new Error('here').stack ?? '')
      if (caller !== null && !(new Error('here').stack ?? '').split('\n')[2]!.includes('node_modules')) {
        found.push({ where: `${caller[1]} line ${caller[2]}`, source: made.source, flags: made.flags })
      }
      return made
    }
  })
  try {
    for (const name of sources) {
      if (name !== 'launcher/main.ts' && !name.endsWith('-thread.ts')) await import(join(root, name))
    }
  } finally {
    globalThis.RegExp = Original
  }
  return found
}

t.test('no regular expression takes a time that grows faster than its text', { timeout: 120_000 }, async t => {
  const written = sources.flatMap(writtenIn)
  const built = await builtWhileLoading()
  t.ok(written.length > 150, `${written.length} are written`)
  t.ok(built.length > 8, `${built.length} are put together`)
  for (const { where, source, flags } of [...written, ...built]) {
    const { reports } = analyse({ source, flags })
    t.strictSame(reports.map(({ type }) => type), [], `${where}: /${source}/${flags}`)
  }
})

t.test('what is quadratic is found', async t => {
  t.equal(analyse({ source: '(?<=.)\\/+$', flags: '' }).reports.length, 1)
})
