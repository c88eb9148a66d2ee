import t from 'tap'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { projectWithPackage } from './packed.ts'
import { namesNotExported } from './public-names.ts'

const project = await projectWithPackage(t)
const inPackage = (name: string): string => join(project, 'node_modules/job-launcher', name)
const ENTRIES = ['launcher/client/client', 'launcher/supervise/start-launcher', 'launcher/plugin']
  .map(name => inPackage(`dist/${name}.d.ts`))

const program = ts.createProgram(['host.ts', 'plugin.ts'].map(name => join(project, name)), {
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  typeRoots: [join(project, 'node_modules/@types')]
})

const diagnosticsHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: name => name,
  getCurrentDirectory: () => project,
  getNewLine: () => '\n'
}

t.test('a host and a plugin type-check against the packed package and its dependencies alone', async t => {
  t.equal(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), diagnosticsHost), '')
  for (const entry of ENTRIES) t.ok(program.getSourceFile(entry), `${entry} was read`)
})

t.test('each entry of the package exports every type of the package that its signatures name', async t => {
  for (const entry of ENTRIES) t.strictSame(namesNotExported(program, entry, inPackage('dist/')), [], entry)
})

t.test('a host starts the packed launcher, runs a job and handles errors by their codes', async t => {
  const folder = join(project, 'data')
  mkdirSync(folder)
  const settings = join(folder, 'host.gcfg')
  writeFileSync(settings, `[Launcher]
    ConfigDir = ${folder}/conf
    ScratchPath = ${folder}/jobs
    InstanceName = outside
  `)
  const args = ['--disable-warning=ExperimentalWarning', 'host.ts', settings]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: project })
  t.equal(stderr, '')
  t.match(JSON.parse(stdout), {
    instanceName: 'outside',
    ran: { output: 'from the job\n', status: 'Finished', exitCode: 4, asExpected: true },
    refused: { code: 'InvalidJob', message: /exe and command/, help: /\w/ },
    unknown: { code: 'JobNotFound' },
    second: true,
    warnings: []
  })
})
