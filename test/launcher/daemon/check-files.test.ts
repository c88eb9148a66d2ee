import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { requireTrustedConf, requireTrustedFiles, untrustedFiles } from '../../../launcher/daemon/check-files.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('conf folder, conf files, key and TLS key are examined, and missing files are skipped', async t => {
  const configDir = join(await temporaryFolder(t), 'conf')
  const at = (name: string): string => join(configDir, name)
  const config = {
    configDir,
    server: { keyFile: at('key'), tls: { certificateFile: at('pem'), certificateKeyFile: at('tls') } },
    clusters: [{ configFile: at('launcher.local.conf') }]
  } as unknown as LauncherConfig
  t.strictSame(await untrustedFiles(config, undefined), [])
  mkdirSync(configDir)
  const names = ['launcher.conf', 'launcher.local.conf', 'key', 'tls', 'pem']
  for (const name of names) {
    writeFileSync(at(name), '')
    chmodSync(at(name), 0o666)
  }
  chmodSync(configDir, 0o777)
  t.strictSame((await untrustedFiles(config, undefined)).map(({ file }) => file), [
    configDir,
    ...names.slice(0, 4).map(at)
  ])
  await t.rejects(requireTrustedConf(configDir), {
    code: 'FileNotTrusted',
    message: new RegExp(`^${configDir} \\(folder of the conf files\\) has mode 0777, .* Run: chmod go-w ${configDir}$`)
  })
  chmodSync(configDir, 0o755)
  for (const name of names.slice(0, 3)) chmodSync(at(name), 0o600)
  await requireTrustedConf(configDir)
  await t.rejects(requireTrustedFiles(config, undefined), {
    code: 'FileNotTrusted',
    message: /tls \(certificate-key-file\)/
  })
  chmodSync(at('tls'), 0o400)
  await requireTrustedFiles(config, undefined)
})
