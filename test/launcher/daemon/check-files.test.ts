import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { requireTrustedConf, requireTrustedFiles, untrustedFiles } from '../../../launcher/daemon/check-files.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

t.test('conf folder, conf files, keys and TLS key are examined, and missing files are skipped', async t => {
  const configDir = join(await temporaryFolder(t), 'conf')
  const at = (name: string): string => join(configDir, name)
  const config = {
    configDir,
    server: {
      keyFile: at('key'),
      monitoringKeyFile: at('monitoring'),
      tls: { certificateFile: at('pem'), certificateKeyFile: at('tls') }
    },
    clusters: [{ configFile: at('launcher.local.conf') }]
  } as unknown as LauncherConfig
  t.strictSame(await untrustedFiles(config, undefined), [])
  mkdirSync(configDir)
  const names = ['launcher.conf', 'launcher.local.conf', 'key', 'monitoring', 'tls', 'pem']
  for (const name of names) {
    writeFileSync(at(name), '')
    chmodSync(at(name), 0o666)
  }
  chmodSync(configDir, 0o777)
  t.strictSame((await untrustedFiles(config, undefined)).map(({ file }) => file), [
    configDir,
    ...names.slice(0, 5).map(at)
  ])
  await t.rejects(requireTrustedConf(configDir), {
    code: 'FileNotTrusted',
    message: new RegExp(`^${configDir} \\(folder of the conf files\\) has mode 0777, .* Run: chmod go-w ${configDir}$`)
  })
  chmodSync(configDir, 0o755)
  for (const name of names.slice(0, 4)) chmodSync(at(name), 0o600)
  await requireTrustedConf(configDir)
  await t.rejects(requireTrustedFiles(config, undefined), {
    code: 'FileNotTrusted',
    message: /tls \(certificate-key-file\)/
  })
  chmodSync(at('tls'), 0o400)
  await requireTrustedFiles(config, undefined)
})

t.test('a folder or a FIFO at the path of a file is left to the reader, with no advice about its mode', async t => {
  const configDir = await temporaryFolder(t)
  mkdirSync(join(configDir, 'launcher.conf'))
  chmodSync(join(configDir, 'launcher.conf'), 0o777)
  execFileSync('mkfifo', ['-m', '666', join(configDir, 'launcher.local.conf')])
  mkdirSync(join(configDir, 'key'), { mode: 0o755 })
  const config = {
    configDir,
    server: { keyFile: join(configDir, 'key'), monitoringKeyFile: join(configDir, 'none') },
    clusters: [{ configFile: join(configDir, 'launcher.local.conf') }]
  } as unknown as LauncherConfig
  t.strictSame(await untrustedFiles(config, undefined), [])
})
