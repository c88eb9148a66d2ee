// A launcher starts neither from conf files that users can write nor with keys that they can read; doctor reports both.

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MAIN, cleanEnvironment, place, start, type Place } from '../e2e/launcher-process.ts'

const noOtherUser = process.getuid!() === 0 ? false : 'only root can give files away'
const NOBODY = 65_534

interface Refusal {
  readonly code: string
  readonly message: string
  readonly exit: number
}

async function refusal (t: Test, here: Place, byHand = false): Promise<Refusal> {
  return await start(t, here, { byHand }).then(
    async ({ child, exit }) => {
      child.kill('SIGKILL')
      await exit
      return { code: 'none', message: '', exit: 0 }
    },
    ({ ready, exit }) => ({ ...ready, exit: exit[0] })
  )
}

function doctor (here: Place, byHand = false): string {
  const source = byHand ? ['--config-dir', here.configDir] : ['--settings', here.settings]
  return spawnSync('/usr/bin/env', [...cleanEnvironment(), process.execPath, MAIN, 'doctor', '--json', ...source], {
    encoding: 'utf8'
  }).stdout
}

/** A launcher that has rendered its conf files and ended. */
async function rendered (t: Test, settings: Record<string, string> = {}): Promise<Place> {
  const here = place(t, settings)
  const running = await start(t, here)
  running.child.kill('SIGTERM')
  await running.exit
  return here
}

async function refused (t: Test, here: Place, file: string, problem: RegExp, byHand = false): Promise<void> {
  const found = await refusal(t, here, byHand)
  t.match(found, { code: 'FileNotTrusted', exit: 78, message: problem })
  t.ok(found.message.includes(file), `${found.message} names ${file}`)
  t.match(JSON.parse(doctor(here, byHand)).findings.filter(({ check }: { check: string }) => check === 'files'), [
    { state: 'missing', message: found.message }
  ])
}

t.test('a conf folder and conf files that users can write are refused', async t => {
  const here = await rendered(t)
  for (const byHand of [false, true]) {
    chmodSync(here.configDir, 0o777)
    await refused(t, here, here.configDir, /mode 0777.*chmod go-w/, byHand)
    chmodSync(here.configDir, 0o750)
  }
  const conf = join(here.configDir, 'launcher.conf')
  chmodSync(conf, 0o666)
  await refused(t, here, conf, /mode 0666.*chmod go-w/, true)
  chmodSync(conf, 0o640)
  t.equal((await refusal(t, here, true)).code, 'none')
})

t.test('a conf folder that a user owns is refused, also one that names its owner server-user', { skip: noOtherUser },
  async t => {
    const here = await rendered(t)
    const conf = join(here.configDir, 'launcher.conf')
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('[server]\n', '[server]\nserver-user=nobody\n'))
    chownSync(here.configDir, NOBODY, NOBODY)
    await refused(t, here, here.configDir, /belongs to user id 65534.*chown 0/, true)
    await refused(t, here, here.configDir, /belongs to user id 65534.*chown 0/)
  })

t.test('a key that users can read is refused', async t => {
  const here = await rendered(t)
  const key = join(here.scratchPath, 'launcher.key')
  chmodSync(key, 0o666)
  await refused(t, here, key, /secure-cookie-key-file.*mode 0666.*chmod 600/)
  chmodSync(key, 0o600)
  t.equal((await refusal(t, here)).code, 'none')
})

t.test('a TLS key that users can read is refused', async t => {
  const here = place(t, {})
  const key = join(here.folder, 'tls.key')
  const certificate = join(here.folder, 'tls.pem')
  const made = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-keyout', key, '-out', certificate
  ])
  t.equal(made.status, 0)
  writeFileSync(here.settings, `${readFileSync(here.settings, 'utf8')}Address = 127.0.0.1:0\n` +
    `CertificateFile = ${certificate}\nCertificateKeyFile = ${key}\n`)
  chmodSync(key, 0o644)
  await refused(t, here, key, /certificate-key-file.*mode 0644.*chmod 600/)
  chmodSync(key, 0o600)
  t.equal((await refusal(t, here)).code, 'none')
})

t.test('doctor reports a ConfigDir that cannot be written', { skip: noOtherUser }, async t => {
  const here = place(t)
  mkdirSync(here.configDir)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,mode=755', 'none', here.configDir])
  t.teardown(() => { spawnSync('umount', ['-l', here.configDir]) })
  const { ok, findings } = JSON.parse(doctor(here))
  t.equal(ok, false)
  t.match(findings.find(({ check }: { check: string }) => check === 'config-dir'), {
    state: 'missing',
    message: `Launcher.ConfigDir ${here.configDir} cannot be written (EROFS).`
  })
})

t.test('a settings file and a policy file that every user can write are refused, at a start and in doctor', async t => {
  const here = place(t)
  const profiles = join(here.folder, 'profiles.conf')
  writeFileSync(profiles, '[*]\nmax-cpus = 1\n')
  writeFileSync(here.settings, `${readFileSync(here.settings, 'utf8')}LocalProfilesConfig = ${profiles}\n`)
  chmodSync(here.settings, 0o666)
  t.match(await refusal(t, here), { code: 'FileNotTrusted', message: /host\.gcfg can be written by every user/ })
  t.match(doctor(here), /can be written by every user/)
  chmodSync(here.settings, 0o644)
  chmodSync(profiles, 0o666)
  t.match(await refusal(t, here), { code: 'FileNotTrusted', message: /profiles\.conf: can be written by every user/ })
  t.match(doctor(here), /profiles\.conf: can be written by every user/)
})
