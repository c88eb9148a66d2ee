import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { plugins } from '../plugins/index.ts'
import { circlesIn } from './structure/circles.ts'
import { graphOf } from './structure/imports.ts'
import { longCodeLines, longCommentLines, longProseLines } from './structure/lines.ts'
import { roomGraph, roomProblems, roomsOf } from './structure/rooms.ts'
import { nameProblems, testNames } from './structure/test-names.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const files = (pattern: string): string[] =>
  globSync(pattern, { cwd: root })
    .filter(name => !name.includes('node_modules'))
    .sort()

const sources = files('{launcher,plugins}/**/*.ts')
const code = [...sources, ...files('{test,scripts,bench,examples}/**/*.ts'), ...files('*.js')]

/** Sources without a test of their own name, each with its reason. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  'launcher/main.ts': 'the process itself; test/e2e starts it',
  'launcher/plugin.ts': 'types; test/conformance holds plugins to them',
  'launcher/cli/command.ts': 'types, and their use in every command',
  'launcher/cli/serve.ts': 'runs the daemon; test/e2e/supervision.test.ts',
  'launcher/client/replies.ts': 'types',
  'launcher/config/cluster-keys.ts': 'a schema; load-cluster reads files with it, server-keys.test.ts its sentences',
  'launcher/config/launcher-config.ts': 'types',
  'launcher/daemon/daemon.ts': 'only exports others',
  'launcher/daemon/run-daemon.ts': 'a process from start to stop; test/e2e/supervision.test.ts',
  'launcher/http/abandoned.ts': 'needs real sockets; test/e2e/gone-client.test.ts',
  'launcher/http/open-api-examples.ts': 'a table; open-api.test.ts holds it to the schemas',
  'launcher/http/open-api-text.ts': 'starts the thread; open-api.test.ts asks the server for the document',
  'launcher/http/open-api-thread.ts': 'the thread itself; open-api.test.ts',
  'launcher/http/every-call.ts': 'a table; open-api.test.ts finds it at every call',
  'launcher/http/open-api-operation.ts': 'a part of open-api.ts; open-api.test.ts',
  'launcher/http/routes.ts': 'only lists others',
  'launcher/http/service.ts': 'types',
  'launcher/model/capabilities.ts': 'types, and a list of names; http/clusters.test.ts',
  'launcher/model/conf-key.ts': 'types, and an annotation; config/settings.test.ts reads them from every key',
  'launcher/model/entitlements.ts': 'types',
  'launcher/model/explanation.ts': 'types; test/conformance holds plugins to them',
  'launcher/model/finding.ts': 'types',
  'launcher/model/job-place.ts': 'types',
  'launcher/model/job-words.ts': 'lists of words; http/open-api.test.ts',
  'launcher/model/cluster-counts.ts': 'types',
  'launcher/model/network.ts': 'schemas; http/network.test.ts and local/network.test.ts',
  'launcher/model/observation.ts': 'types; test/conformance holds plugins to them',
  'launcher/model/start-rules.ts': 'types',
  'launcher/model/protocol.ts': 'a list of words; http/open-api.test.ts',
  'launcher/model/reach.ts': 'types',
  'launcher/model/ready-line.ts': 'types',
  'launcher/model/job-usage.ts': 'types',
  'launcher/model/usage.ts': 'types',
  'launcher/plugin-kit/cluster-keys.ts': 'a schema; config/conf-files.test.ts places its keys',
  'launcher/plugin-kit/interpreter-not-found.ts': 'failed-start.test.ts and outcome.test.ts of the plugins',
  'plugins/kubernetes/client/access.ts': 'types',
  'plugins/kubernetes/doctor/run-trial.ts': 'runs the job of process-logs.ts, whose test runs them',
  'plugins/kubernetes/config/output-mode.ts': 'a list of names; process-logs.test.ts',
  'plugins/kubernetes/process-logs/log-thread.ts': 'the thread itself; log-files.test.ts',
  'plugins/kubernetes/process-logs/link-target.ts': 'one call; data-identity.test.ts and job-logs.test.ts',
  'plugins/kubernetes/client/field-error.ts': 'an error class; kubeconfig.test.ts has its messages',
  'plugins/kubernetes/client/open-stream.ts': 'one stream of a client; client.test.ts opens them',
  'plugins/kubernetes/client/refreshed-access.ts': 'one step of a call; client.test.ts rejects credentials',
  'plugins/kubernetes/client/send.ts': 'one attempt of a call; client.test.ts sends them',
  'plugins/kubernetes/client/paths.ts':
    'only a cluster shows whether a path is right; test/cluster/conformance.test.ts',
  'plugins/kubernetes/client/wire.ts': 'types',
  'launcher/jobs/request-end.ts': 'a step of control.ts and reconcile-job.ts, whose tests request ends',
  'plugins/kubernetes/config/runtime-keys.ts': 'keys; keys.test.ts and runtime.test.ts have their rules',
  'plugins/kubernetes/objects/settings.ts': 'types',
  'plugins/kubernetes/lifecycle/read-objects.ts': 'two requests; find-relabelled.test.ts and relist-pods.test.ts',
  'plugins/kubernetes/lifecycle/foreign-job.ts': 'test/cluster/foreign-output.test.ts has two real launchers',
  'plugins/kubernetes/index.ts': 'only declares the plugin; test/cluster/conformance.test.ts',
  'plugins/kubernetes/first-contact.ts': 'test/cluster/away-at-start.test.ts starts without a cluster',
  'plugins/kubernetes/parts.ts': 'puts the parts together; test/cluster/conformance.test.ts',
  'plugins/kubernetes/plugin.ts':
    'puts the parts together; test/cluster/conformance.test.ts holds the plugin to the contract',
  'plugins/kubernetes/output/read-attempt.ts': 'one attempt of log-collector.ts, whose test collects logs with it',
  'plugins/kubernetes/output/collect-log.ts': 'one read of log-collector.ts, whose test collects logs with it',
  'plugins/kubernetes/manifests/merge-keys.ts': 'a table; objects.test.ts has a case of each line',
  'plugins/kubernetes/manifests/reserved-fields.ts':
    'a table; check-reserved.test.ts and check-manifest.test.ts read with it',
  'plugins/kubernetes/policy/select-resource-profile.ts': 'a step of a profile; apply-profile.test.ts has its cases',
  'plugins/kubernetes/cache/views.ts': 'types',
  'plugins/kubernetes/state/failed-start.ts': 'a part of outcome.ts, whose table has its cases',
  'plugins/kubernetes/state/observed.ts': 'what evaluate reports; evaluate.test.ts',
  'plugins/kubernetes/state/snapshot.ts': 'types',
  'plugins/kubernetes/state/while-running.ts': 'a part of evaluate; evaluate-running-cases.ts',
  'plugins/kubernetes/state/waiting.ts': 'types',
  'plugins/kubernetes/state/while-waiting.ts': 'a part of evaluate; evaluate-waiting-cases.ts',
  'plugins/local/observe-readiness.ts': 'puts parts together; test/e2e/ready.test.ts asks real programs',
  'plugins/local/parts.ts': 'creates the parts; plugin.test.ts and test/conformance/local.test.ts',
  'plugins/local/profile-keys.ts': 'a list; limits.test.ts reads profiles with it',
  'plugins/local/spawn-thread.ts': 'the thread itself; spawner.test.ts starts it',
}

t.test('each source has its test, or a reason for having none', async t => {
  for (const source of sources) {
    const has = existsSync(join(root, 'test', source.replace(/\.ts$/, '.test.ts')))
    t.equal(has, !(source in TESTED_ELSEWHERE), source)
  }
  for (const source of Object.keys(TESTED_ELSEWHERE)) t.ok(sources.includes(source), `${source} exists`)
})

t.test('each source begins with a sentence of its purpose', async t => {
  for (const source of sources) {
    const lines = read(source).split('\n')
    const comment = lines
      .slice(
        0,
        lines.findIndex(line => !line.startsWith('//') && !line.startsWith('#!'))
      )
      .filter(line => line.startsWith('//'))
      .join(' ')
    t.match(comment, /^\/\/ (?:[A-Z]|job-launcher ).*[.:]/, source)
  }
})

t.test('the core does not know a plugin by name', async t => {
  const named = new RegExp(`\\b(${plugins.map(({ type }) => type).join('|')})(?!host)`, 'i')
  for (const name of sources.filter(name => name.startsWith('launcher/'))) {
    for (const [index, line] of read(name).split('\n').entries()) {
      t.notMatch(line, named, `${name} line ${index + 1}`)
    }
  }
})

t.test('no code is marked as unfinished', async t => {
  const mark = new RegExp(['TO' + 'DO', 'FIX' + 'ME'].join('|'))
  for (const name of code) t.notMatch(read(name), mark, name)
})

t.test('each imported package is declared, and each declared package is used', async t => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const importsOf = (name: string): string[] =>
    Array.from(
      read(name).matchAll(
        /^(?:(?:import|export|\}).* from |import )'([\w@][\w@./-]*)'|\bimport\('([\w@][\w@./-]*)'\)/gm
      ),
      match => (match[1] ?? match[2])!
    )
      .filter(specifier => !isBuiltin(specifier) && !/^job-launcher(?:\/|$)/.test(specifier))
      .map(specifier =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/')
      )
  const usedBySources = new Set(sources.flatMap(importsOf))
  t.strictSame([...usedBySources].sort(), Object.keys(dependencies).sort(), 'what runs needs exactly the dependencies')

  const all = { ...dependencies, ...devDependencies }
  for (const name of code) for (const used of importsOf(name)) t.ok(used in all, `${used}, imported by ${name}`)
  const usedByTools = [
    read('package.json').split('"dependencies"')[0]!,
    ...['.taprc', 'tsconfig.json', 'eslint.config.js', 'scripts/job-launcher', ...files('scripts/{lib,suites}/*')].map(
      read
    )
  ].join('\n')
  const commandOf: Readonly<Record<string, RegExp>> = {
    typescript: /\btsc\b/,
    '@types/node': /"types": \["node"\]/,
    '@types/ini': /./,
    node: /\bnode\b/
  }
  for (const name of Object.keys(devDependencies)) {
    const imported = code.some(file => importsOf(file).includes(name))
    t.ok(imported || (commandOf[name] ?? new RegExp(`\\b${name}\\b`)).test(usedByTools), name)
  }
})

t.test('the examples import only what the package exports of the launcher', async t => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string> }
  const entries = Object.values(exports).map(path => path.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts'))
  for (const name of files('examples/**/*.{ts,mjs}')) {
    for (const [, specifier] of read(name).matchAll(/\b(?:from|import\()\s*'(\.[^']+)'/g)) {
      const imported = join(dirname(name), specifier!)
      t.ok(imported.startsWith('examples/') || entries.includes(imported), `${imported}, imported by ${name}`)
    }
  }
})

t.test('each dependency has its reason among the decisions, and each reason its dependency', async t => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >
  const rows = Array.from(read('docs/decisions/0001-stack.md').matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm), match => ({
    names: match[1]!.split(', '),
    why: match[2]!
  }))
  const reasons = new Map(
    rows
      .filter(({ why }) => !/^(why|---)$/.test(why))
      .flatMap(({ names, why }) => names.map(name => [name.trim(), why] as const))
  )
  t.strictSame([...reasons.keys()].sort(), [...Object.keys(dependencies), ...Object.keys(devDependencies)].sort())
  for (const [name, why] of reasons) t.match(why, /\w+ \w+/, name)
})

const graph = graphOf(new Map(code.map(name => [name, read(name)])))

t.test('each room imports only the rooms that the architecture page allows it', async t => {
  const page = read('docs/guide/architecture.md')
  const core = { folder: 'launcher/', rooms: roomsOf(page, 'launcher/'), above: [], open: ['errors.ts'] }
  const kubernetes = {
    folder: 'plugins/kubernetes/',
    rooms: roomsOf(page, ''),
    above: files('plugins/kubernetes/*.ts').map(name => basename(name)),
    open: []
  }
  t.ok(core.rooms.length > 10 && kubernetes.rooms.length > 10)
  for (const rooms of [core, kubernetes]) t.strictSame(roomProblems(graph, rooms), [])
})

t.test('a plugin imports itself and what the launcher offers to plugins, and the core imports no plugin', async t => {
  const offered = /^launcher\/(?:plugin\.ts|errors\.ts|lib\/|plugin-kit\/)/
  const wrong = sources.flatMap(name => (graph.get(name) ?? [])
    .filter(imported => {
      if (name === 'launcher/main.ts') return !/^(?:launcher\/|plugins\/index\.ts)/.test(imported)
      if (name.startsWith('launcher/')) return !imported.startsWith('launcher/')
      if (name === 'plugins/index.ts') return !/^(?:launcher\/plugin\.ts|plugins\/[^/]+\/index\.ts)$/.test(imported)
      const own = /^plugins\/[^/]+\//.exec(name)![0]
      return !imported.startsWith(own) && !offered.test(imported)
    })
    .map(imported => `${name} imports ${imported}`))
  t.strictSame(wrong, [])
})

t.test('no files and no rooms import each other in a circle', async t => {
  t.strictSame(circlesIn(graph), [])
  const room = /^(?:launcher|plugins\/kubernetes)\/[^/]+|^plugins\/local/
  const roomOf = (file: string) => file === 'launcher/errors.ts' ? undefined : room.exec(file)?.[0]
  t.strictSame(circlesIn(roomGraph(graph, roomOf)), [])
})

const shellScripts = files('{.ci,scripts,plugins,examples,test}/**')
  .filter(name => statSync(join(root, name)).isFile())
  .filter(name => name.endsWith('.sh') || /^#!.*\b(?:ba)?sh$/m.test(read(name).split('\n', 1)[0]!))

/** Files whose lines cannot be wrapped, or are not written by hand. */
const ANY_LENGTH = [
  'package-lock.json', 'docs/throughput.svg', 'examples/monitoring/grafana-dashboard.json',
  ...files('examples/data/*.csv')
]

/** Every file that Git tracks. Without Git, every file of the tree. */
function trackedFiles (): string[] {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  const isForeign = /(?:^|\/)(?:node_modules|dist|\.tap|\.git)(?:\/|$)/
  const names = status === 0
    ? stdout.split('\0')
    : globSync('**/*', { cwd: root, exclude: name => isForeign.test(name) })
  return names.filter(name => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true).sort()
}

t.test('no line of a file has more than 120 columns, unless it cannot be wrapped', async t => {
  const names = trackedFiles().filter(name => !ANY_LENGTH.includes(name))
  for (const name of ['.ci/run', 'scripts/suites/unit', 'package.json', 'test/structure.test.ts']) {
    t.ok(names.includes(name), name)
  }
  t.strictSame(
    names.flatMap(name => {
      const longLines = name.endsWith('.md')
        ? longProseLines
        : /\.(?:conf|example)$/.test(name) ? longCommentLines : longCodeLines
      return longLines(read(name)).map(number => `${name}:${number}`)
    }),
    []
  )
})

const noShellcheck = spawnSync('shellcheck', ['--version']).status !== 0 && 'shellcheck is not installed'

t.test('shellcheck finds nothing in the shell scripts', { skip: noShellcheck }, async t => {
  // SC1091: a script that is sourced by descriptor. SC2317: a function that only a trap calls.
  const checked = (names: string[], ...options: string[]) =>
    spawnSync('shellcheck', ['-x', '--exclude=SC1091,SC2317', ...options, ...names], { cwd: root, encoding: 'utf8' })
  const named = shellScripts.filter(name => /^#(?:!| shellcheck shell=)/.test(read(name)))
  const rest = shellScripts.filter(name => !named.includes(name))
  t.match(checked(named), { status: 0, stdout: '' })
  t.match(checked(rest, '--shell=sh'), { status: 0, stdout: '' }, 'a script without a first line is for any POSIX sh')
})

t.test('each test has a name that stands alone, and that no other test of its file has', async t => {
  for (const name of files('test/**/*.ts').filter(name => !name.startsWith('test/structure/'))) {
    t.strictSame(nameProblems(testNames(read(name))), [], name)
  }
})
