import t, { type Test } from 'tap'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LauncherError } from '../../../launcher/errors.ts'
import { loadConfig } from '../../../launcher/config/load.ts'
import { prepareConfig, readConfiguration } from '../../../launcher/config/prepare.ts'
import { samplePlugin, samplePlugins } from './sample-plugin.ts'

/** A folder whose path is short enough for a socket in it. */
function shortFolder (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'conf-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes settings into a new folder, which also contains the conf files and the scratch path. */
function host (t: Test, text = '', plugins = samplePlugins) {
  const folder = shortFolder(t)
  writeFileSync(join(folder, 'host.gcfg'), `[Server]\nAddress = :3939 ; not ours\n[Launcher]\n${text}\n`)
  const paths = [`ConfigDir=${folder}/conf`, `ScratchPath=${folder}/s`]
  return {
    folder,
    configDir: join(folder, 'conf'),
    prepare: (...set: string[]) =>
      prepareConfig({ settings: { file: join(folder, 'host.gcfg'), set: [...paths, ...set] } }, plugins)
  }
}

t.test('settings are rendered, written and loaded', async t => {
  const { configDir, folder, prepare } = host(t, 'JobExpiry=1h')
  const { config, files, replaced } = await prepare('JobExpiry=2h')
  t.strictSame(
    files,
    ['launcher.conf', 'launcher.local.conf', 'launcher.kubernetes.conf'].map(name => join(configDir, name))
  )
  t.strictSame(replaced, [])
  t.match(config, {
    configDir,
    server: { jobExpiryMs: 7_200_000, address: { socket: `${folder}/s/launcher.sock` } },
    clusters: [{ name: 'Local' }]
  })
  t.match(readFileSync(files[0]!, 'utf8'), '\n# Launcher.JobExpiry, --set\njob-expiry-hours=2\n')
  t.equal(statSync(configDir).mode & 0o777, 0o750)
  t.equal(statSync(join(folder, 's')).mode & 0o777, 0o700)
  t.match(readFileSync(join(folder, 's/instance-id'), 'utf8'), /^[0-9a-f]{12}\n$/)
})

t.test('a second start with the same settings touches no file', async t => {
  const { prepare } = host(t)
  const { config, files } = await prepare()
  const stats = files.map(file => statSync(file, { bigint: true }))
  t.strictSame((await prepare()).config, config)
  t.strictSame(files.map(file => statSync(file, { bigint: true }).ctimeNs), stats.map(stat => stat.ctimeNs))
})

t.test('an edit by hand is not used, and is kept and reported', async t => {
  const { configDir, prepare } = host(t)
  const { config } = await prepare()
  const path = join(configDir, 'launcher.conf')
  writeFileSync(path, readFileSync(path, 'utf8').replace('job-expiry-hours=24', 'job-expiry-hours=1'))
  const again = await prepare()
  t.strictSame(again.config, config)
  t.strictSame(again.replaced, [{ path, copy: `${path}.edited`, wasRendered: true }])
  t.match(readFileSync(`${path}.edited`, 'utf8'), 'job-expiry-hours=1\n')
})

t.test('invalid settings write nothing', async t => {
  const { configDir, folder, prepare } = host(t, 'JobExpiry=never')
  await t.rejects(prepare(), {
    code: 'SettingsInvalid',
    message: `${folder}/host.gcfg line 4: Launcher.JobExpiry is not a duration such as 500ms, 90s, 2m, 24h or 1d: ` +
      '"never"'
  })
  t.equal(existsSync(configDir), false)
  t.equal(existsSync(join(folder, 's')), false)
})

t.test('settings that are invalid at a reload leave the files of the last start unchanged', async t => {
  const { configDir, prepare } = host(t)
  await prepare()
  const before = readFileSync(join(configDir, 'launcher.conf'), 'utf8')
  await t.rejects(prepare('LogLevel=debug', 'Local=no'), { code: 'SettingsInvalid' })
  t.equal(readFileSync(join(configDir, 'launcher.conf'), 'utf8'), before)
})

t.test('a setting of a missing plugin is not a known setting', async t => {
  const { configDir, folder, prepare } = host(t, 'Kubernetes=yes', [samplePlugin('Local')])
  await t.rejects(prepare(), {
    code: 'SettingsInvalid',
    message: `${folder}/host.gcfg line 4: Launcher.Kubernetes is not a known setting`
  })
  t.equal(existsSync(configDir), false)
})

t.test('the configuration can be read from settings without writing anything', async t => {
  const { folder } = host(t, 'Kubernetes=yes\nKubernetesNamespace=team-a')
  const set = [`ConfigDir=${folder}/conf`, `ScratchPath=${folder}/s`]
  const { clusters, configDir } = await readConfiguration(
    { settings: { file: join(folder, 'host.gcfg'), set } },
    samplePlugins
  )
  t.equal(configDir, join(folder, 'conf'))
  t.match(clusters[1]?.config, { namespace: 'team-a' })
  t.strictSame(readdirSync(folder), ['host.gcfg'])
  await t.rejects(readConfiguration({ configDir: join(folder, 'none') }, samplePlugins), { code: 'FileNotReadable' })
})

t.test('the configuration in force is the written one', async t => {
  const { configDir, prepare } = host(t, 'Kubernetes=yes\nRuntimeInitImage=r\nHostVersion=1\nDataDir=/d')
  const { config } = await prepare()
  t.strictSame(await loadConfig(configDir, samplePlugins), config)
})

t.test('a folder that another launcher rendered is refused, before anything is written', async t => {
  const { configDir, folder, prepare } = host(t)
  await prepare()
  await t.rejects(prepare(`ScratchPath=${folder}/other`), { code: 'ConfigDirTaken', message: /Launcher\.ConfigDir/ })
  t.equal(existsSync(join(folder, 'other')), false)
  t.match(readFileSync(join(configDir, 'launcher.conf'), 'utf8'), `scratch-path=${folder}/s\n`)
})

t.test('a folder that cannot be written is refused with its setting', async t => {
  const { folder, prepare } = host(t)
  const file = join(folder, 'host.gcfg')
  await t.rejects(prepare(`ConfigDir=${file}`), {
    code: 'FolderNotWritable',
    message: `Launcher.ConfigDir ${file} cannot be created or written (EEXIST)`
  })
  await t.rejects(prepare(`ScratchPath=${file}/s`), {
    code: 'FolderNotWritable',
    message: `Launcher.ScratchPath ${file}/s cannot be created or written (ENOTDIR)`
  })
  await t.rejects(prepare(`Address=${file}/l.sock`), {
    code: 'FolderNotWritable',
    message: `Launcher.Address ${file} cannot be created or written (EEXIST)`
  })
})

t.test('a missing settings file is refused with its path', async t => {
  const file = join(t.testdir(), 'none.gcfg')
  await t.rejects(prepareConfig({ settings: { file, set: [] } }, samplePlugins), {
    code: 'FileNotReadable',
    message: `${file} does not exist`
  })
})

t.test('without settings the conf files of the operator are loaded, and nothing is rendered', async t => {
  const folder = shortFolder(t)
  const configDir = join(folder, 'conf')
  mkdirSync(configDir)
  const file = join(configDir, 'launcher.conf')
  const text = `[server]\nscratch-path=${folder}/s\n[cluster]\ntype=Local\n`
  writeFileSync(file, text)
  const { config, files, replaced } = await prepareConfig({ configDir }, samplePlugins)
  t.match(config, { configDir, server: { scratchPath: `${folder}/s` } })
  t.strictSame([files, replaced], [[], []])
  t.equal(readFileSync(file, 'utf8'), text)
  t.equal(existsSync(join(folder, 's')), true)
  writeFileSync(join(folder, 'file'), '')
  writeFileSync(file, text.replace(`${folder}/s`, `${folder}/file/s`))
  await t.rejects(prepareConfig({ configDir }, samplePlugins), {
    code: 'FolderNotWritable',
    message: `${file}: scratch-path ${folder}/file/s cannot be created or written (ENOTDIR)`
  })
})

t.test('the caller can refuse the scratch path before anything is written', async t => {
  const { configDir, folder } = host(t)
  const settings = { file: join(folder, 'host.gcfg'), set: [`ConfigDir=${configDir}`, `ScratchPath=${folder}/s`] }
  await t.rejects(prepareConfig({ settings }, samplePlugins, async scratchPath => {
    t.equal(scratchPath, `${folder}/s`)
    throw new LauncherError('ScratchPathTaken', 'taken')
  }), { code: 'ScratchPathTaken' })
  t.equal(existsSync(configDir), false)
})

t.test('the caller can also refuse the scratch path of a launcher without settings', async t => {
  const folder = shortFolder(t)
  const configDir = join(folder, 'conf')
  mkdirSync(configDir)
  writeFileSync(join(configDir, 'launcher.conf'), `[server]\nscratch-path=${folder}/s\n[cluster]\ntype=Local\n`)
  await t.rejects(prepareConfig({ configDir }, samplePlugins, async scratchPath => {
    t.equal(scratchPath, `${folder}/s`)
    throw new LauncherError('ScratchPathTaken', 'taken')
  }), { code: 'ScratchPathTaken' })
  t.equal(existsSync(join(folder, 's')), false)
})
