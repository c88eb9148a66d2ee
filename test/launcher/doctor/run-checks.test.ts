import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { runChecks, type PlacedFinding } from '../../../launcher/doctor/run-checks.ts'
import type { ConfigSource } from '../../../launcher/config/prepare.ts'
import type { PluginDefinition } from '../../../launcher/plugin.ts'
import { samplePlugins } from '../config/sample-plugin.ts'

function shortFolder (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'doc-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function found (
  source: ConfigSource,
  plugins: readonly PluginDefinition[] = samplePlugins
): Promise<PlacedFinding[]> {
  const findings: PlacedFinding[] = []
  for await (const finding of runChecks({
    source,
    plugins,
    environment: { HERE: 'yes' },
    log: pino({ level: 'silent' })
  })) { findings.push(finding) }
  return findings
}

t.test('settings are checked as at a start, nothing is written, and each cluster reports its findings', async t => {
  const folder = shortFolder(t)
  const file = join(folder, 'host.gcfg')
  writeFileSync(file, `[Launcher]\nConfigDir=${folder}/conf\nScratchPath=${folder}/s\nKubernetes=true\nKubeconfig=/k\n`)
  const plugins = samplePlugins.map((plugin): PluginDefinition =>
    plugin.type === 'Local'
      ? plugin
      : {
          ...plugin,
          async * diagnose (config, { environment }) {
            yield { check: 'given', state: 'ok', message: `${JSON.stringify(config)} ${environment.HERE}` }
          }
        }
  )
  const findings = await found({ settings: { file, set: ['Launcher.KubernetesNamespace=jobs'] } }, plugins)
  t.match(
    findings.map(({ check, cluster }) => [cluster, check]),
    [
      [undefined, 'settings'],
      [undefined, 'scratch-path'],
      ['Kubernetes', 'given']
    ]
  )
  t.match(findings[0], { state: 'ok', message: `${file} is valid; clusters: Local, Kubernetes.` })
  t.match(findings[2]!.message, /"namespace":"jobs".* yes$/)
  t.strictSame(readdirSync(folder), ['host.gcfg'])
})

t.test('conf files written by hand are checked too', async t => {
  const folder = shortFolder(t)
  mkdirSync(join(folder, 'conf'))
  writeFileSync(
    join(folder, 'conf/launcher.conf'),
    `[server]\nscratch-path=${folder}/s\naddress=${folder}/s/launcher.sock\nserver-user=no-such-user-here\n` +
    '[cluster]\nname=Here\ntype=Local\n'
  )
  const findings = await found({ configDir: join(folder, 'conf') })
  t.match(findings[0], { check: 'conf', state: 'ok', message: `${folder}/conf is valid; clusters: Here.` })
  if (process.getuid!() === 0) {
    t.match(findings[1], { check: 'server-user', state: 'missing', message: /There is no user no-such-user-here/ })
  }
  t.equal(existsSync(join(folder, 's')), false)
})

t.test('invalid settings or conf files are the only finding', async t => {
  const folder = shortFolder(t)
  const file = join(folder, 'host.gcfg')
  writeFileSync(file, `[Launcher]\nConfigDir=${folder}/conf\nScratchPath=${folder}/s\nLokal=yes\n`)
  const settings = await found({ settings: { file, set: [] } })
  t.match(settings, [
    {
      check: 'settings',
      state: 'missing',
      message: `${file} line 4: Launcher.Lokal is not a known setting`,
      help: /settings\.md/
    }
  ])
  t.equal(settings.length, 1)
  t.match(await found({ settings: { file: join(folder, 'none'), set: [] } }), [
    { check: 'settings', state: 'missing', message: /none does not exist/ }
  ])
  t.match(await found({ configDir: folder }), [
    { check: 'conf', state: 'missing', message: /launcher\.conf does not exist/ }
  ])
})

t.test('clusters in one place are found by their configuration, and by the id that the backend gives it', async t => {
  const folder = shortFolder(t)
  mkdirSync(join(folder, 'c'))
  for (const name of ['a', 'b']) writeFileSync(join(folder, 'c', name), '')
  writeFileSync(
    join(folder, 'c/launcher.conf'),
    `[server]\nscratch-path=${folder}/s\naddress=${folder}/s/launcher.sock\n[cluster]\nname=A\ntype=Local\n` +
    `config-file=${folder}/c/a\n[cluster]\nname=B\ntype=Local\nconfig-file=${folder}/c/b\n`
  )
  const pluginsIn = (placeOf: (config: unknown) => string): PluginDefinition[] => [{
    ...samplePlugins[0]!,
    async jobPlace (config) { return { id: placeOf(config), words: `place ${placeOf(config)}`, key: 'list' } },
    async * diagnose () { yield { check: 'given', state: 'ok', message: 'Ok.', jobPlaceId: 'uid' } }
  }]
  t.match(await found({ configDir: join(folder, 'c') }, pluginsIn(() => 'x')), [
    { check: 'conf', state: 'missing', message: /line 8: \[cluster\] B has its jobs in place x, as the cluster A/ }
  ])
  writeFileSync(join(folder, 'c/a'), '[local]\nratio=1\n')
  const findings = (await found({ configDir: join(folder, 'c') }, pluginsIn(config => JSON.stringify(config))))
    .filter(({ cluster }) => cluster !== undefined)
  t.strictSame(findings.map(({ cluster, check, state }) => [cluster, check, state]), [
    ['A', 'given', 'ok'], ['B', 'given', 'ok'], ['B', 'job-place', 'missing']
  ])
  t.notOk('jobPlaceId' in findings[0]!)
})
