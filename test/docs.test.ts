import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { ERRORS } from '../launcher/errors.ts'
import { routes } from '../launcher/http/routes.ts'
import { TRUNCATIONS } from '../launcher/model/output-truncated.ts'
import { REASONS } from '../launcher/model/reasons.ts'
import { scriptedApp } from './fixtures/scripted-app.ts'
import type { Server, Service } from '../launcher/http/service.ts'

const root = join(import.meta.dirname, '..')
const page = (name: string): string => readFileSync(join(root, 'docs/reference', name), 'utf8')
const firstCells = (text: string): string[] => Array.from(text.matchAll(/^\| `([^`]+)` \|/gm), match => match[1]!)
const sources = globSync('{launcher,plugins}/**/*.ts', { cwd: root }).map(name => ({
  name,
  text: readFileSync(join(root, name), 'utf8')
}))

t.test('each generated page is what the code generates', async t => {
  const { stderr } = await promisify(execFile)(process.execPath, [join(root, 'scripts/docs.ts'), '--check'])
  t.equal(stderr, '')
})

t.test('the errors page lists exactly the codes, and no retired code is in use', async t => {
  const [used, retired] = page('errors.md').split('## Retired codes')
  t.strictSame(firstCells(used!), Object.keys(ERRORS))
  for (const code of firstCells(retired!)) t.notOk(code in ERRORS, code)
})

/** What the plugin contract has for clusters that are reached over a network. */
const FOR_REMOTE_CLUSTERS = ['ResourcesNotAvailable', 'ClusterUnavailable']

t.test('each error code is used somewhere', async t => {
  for (const code of Object.keys(ERRORS).filter(code => !FOR_REMOTE_CLUSTERS.includes(code))) {
    t.ok(sources.some(({ name, text }) => name !== 'launcher/errors.ts' && text.includes(`'${code}'`)), code)
  }
})

t.test('the reasons page lists exactly the reasons, and each is used somewhere', async t => {
  t.strictSame(firstCells(page('reasons.md')), [...Object.keys(REASONS), ...Object.keys(TRUNCATIONS)])
  for (const reason of Object.keys(REASONS)) {
    t.ok(sources.some(({ name, text }) => name !== 'launcher/model/reasons.ts' && text.includes(`'${reason}'`)), reason)
  }
})

t.test('the HTTP page lists exactly the calls that the server handles', async t => {
  const known: string[] = []
  const note =
    (method: string) =>
      (path: string): void => {
        known.push(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
      }
  for (const route of routes) {
    const noted = { get: note('GET'), post: note('POST'), put: note('PUT'), delete: note('DELETE') }
    route(noted as unknown as Server, {} as Service)
  }
  const headings = page('http.md').matchAll(/^## ((?:GET|POST|PUT|DELETE|PATCH) .*)$/gm)
  const documented = Array.from(headings, match => match[1]!)
  t.strictSame([...documented].sort(), known.sort())
})

t.test("the metrics page lists exactly the launcher's own metrics, and each exists from the start", async t => {
  const { server } = await scriptedApp(t)
  const { body } = await server.inject('/metrics')
  const own = Array.from(body.matchAll(/^# HELP (job_launcher_\S+)/gm), match => match[1]!)
  t.strictSame(firstCells(page('metrics.md')).sort(), own.sort())
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
})

t.test('the index of the decisions lists each of them, with its title, date and status', async t => {
  const folder = join(root, 'docs/decisions')
  const rows = globSync('0*.md', { cwd: folder })
    .sort()
    .map(name => {
      const text = readFileSync(join(folder, name), 'utf8')
      const [, number, title, date, status] =
        /^# (\d+)\. (.+)\n\n- Date: (\S+).*\n- Status: (accepted|superseded by \d+)\n/.exec(text) ?? []
      t.equal(Number(number), Number(name.slice(0, 4)), name)
      for (const heading of ['Context', 'Decision', 'Consequences']) t.match(text, `\n## ${heading}\n`, name)
      return `| ${number} | [${title}](${name}) | ${date} | ${status} |`
    })
  t.strictSame(readFileSync(join(folder, 'README.md'), 'utf8').match(/^\| \d.*$/gm), rows)
})

t.test('each test that the pages on security and reliability name exists', async t => {
  const named = ['SECURITY.md', 'docs/reference/reliability.md'].flatMap(name => {
    const paths = readFileSync(join(root, name), 'utf8').matchAll(/`(test\/[\w./-]+)`/g)
    return Array.from(paths, ([, path]) => ({ name, path: path! }))
  })
  t.ok(named.length > 40)
  t.strictSame(named.filter(({ path }) => !existsSync(join(root, path))), [])
})

t.test('each kubectl command of a page, a message or a template names the namespace of its objects', async t => {
  const files = '{docs/{guide,reference},plugins,launcher,conf-templates,examples}/**/*.{md,ts,yaml}'
  const command = /kubectl (-\S+ \S+ )*(apply|create|delete|describe|get|patch) [\w$-]/
  const commands = globSync(files, { cwd: root }).flatMap(name =>
    readFileSync(join(root, name), 'utf8').split('\n')
      .filter(line => command.test(line) && !/^ *(\*|\/[/*])/.test(line))
      .map(line => ({ name, line })))
  t.ok(commands.length > 10)
  const ofCluster = / create (namespace|clusterrole)| apply -f \S*kubernetes-node-reader\.yaml/
  t.strictSame(commands.filter(({ line }) => !/ (-n|--namespace) /.test(line) && !ofCluster.test(line)), [])
})

t.test('each link between the pages leads to a page', async t => {
  for (const name of globSync('{*.md,docs/**/*.md,examples/**/*.md}', { cwd: root }).filter(
    name => !name.includes('node_modules')
  )) {
    for (const [, link] of readFileSync(join(root, name), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#]+)/g)) {
      t.ok(existsSync(join(root, dirname(name), link!)), `${link} in ${name}`)
    }
  }
})
