import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { checkConfigDir, checkFiles } from '../../../launcher/doctor/check-files.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('each file that users can write or read is a finding with the command that corrects it', async t => {
  const configDir = await temporaryFolder(t)
  const keyFile = join(configDir, 'key')
  const server = { keyFile, monitoringKeyFile: join(configDir, 'monitoring.key') }
  const config = { configDir, server, clusters: [] } as unknown as LauncherConfig
  t.strictSame(await checkFiles(config, undefined), [])
  writeFileSync(keyFile, '', { mode: 0o644 })
  chmodSync(configDir, 0o777)
  t.match(await checkFiles(config, undefined), [
    { check: 'files', state: 'missing', message: /Run: chmod go-w / },
    { check: 'files', state: 'missing', message: /key.* Run: chmod 600 /, help: /Examine/ }
  ])
})

t.test('a folder that can be written or created is no problem', async t => {
  const folder = await temporaryFolder(t)
  t.strictSame(await checkConfigDir(folder), [])
  t.strictSame(await checkConfigDir(join(folder, 'none')), [])
  const missing = (message: RegExp) => [{ check: 'config-dir', state: 'missing', message }]
  t.match(await checkConfigDir('/proc/self'), missing(/cannot be written \(/))
  t.match(await checkConfigDir('/proc/self/a/b'), missing(/cannot be created: \/proc\/self cannot be written \(/))
  writeFileSync(join(folder, 'file'), '')
  t.match(await checkConfigDir(join(folder, 'file')), missing(/cannot be written/))
})
