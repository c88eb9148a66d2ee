import t from 'tap'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { instanceId } from '../../../launcher/config/instance-id.ts'
import { digest, readMarker, refuseTakenFolder, writeMarker } from '../../../launcher/config/marker.ts'

t.test('a marker is read as it was written, and an unchanged one is not touched', async t => {
  const folder = t.testdir()
  const path = join(folder, '.job-launcher.json')
  const marker = { scratchPath: '/s', instance: '0123456789ab', files: { 'launcher.conf': digest('x') } }
  t.equal(await readMarker(folder), undefined)
  await writeMarker(folder, marker, 0o640)
  t.strictSame(await readMarker(folder), marker)
  t.equal(statSync(path).mode & 0o777, 0o640)
  const { ino } = statSync(path)
  await writeMarker(folder, marker, 0o640)
  t.equal(statSync(path).ino, ino)
})

t.test('an invalid marker counts as missing', async t => {
  const folder = t.testdir()
  for (const text of ['', '{', 'null', '{"scratchPath":1}', '{"scratchPath":"/s","instance":"x","files":{"a":1}}']) {
    writeFileSync(join(folder, '.job-launcher.json'), text)
    t.equal(await readMarker(folder), undefined, text)
  }
})

t.test('a folder is taken while the other launcher\'s scratch path contains its id', async t => {
  const folder = t.testdir({ conf: {}, one: {}, two: {} })
  const configDir = join(folder, 'conf')
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await refuseTakenFolder(configDir, two)
  await writeMarker(configDir, { scratchPath: one, instance: await instanceId(one), files: {} }, 0o640)
  await refuseTakenFolder(configDir, one)
  await t.rejects(refuseTakenFolder(configDir, two), {
    code: 'ConfigDirTaken',
    message: `The launcher with scratch path ${one} rendered the files in Launcher.ConfigDir ${configDir}; ` +
      `set another Launcher.ConfigDir, or delete ${configDir}/.job-launcher.json to take the folder over`,
    details: { setting: 'Launcher.ConfigDir', scratchPath: one }
  })
  writeFileSync(join(one, 'instance-id'), 'ffffffffffff\n')
  await refuseTakenFolder(configDir, two)
  await writeMarker(configDir, { scratchPath: join(folder, 'gone'), instance: '0123456789ab', files: {} }, 0o640)
  await refuseTakenFolder(configDir, two)
  mkdirSync(join(folder, 'gone'))
  await refuseTakenFolder(configDir, two)
  t.pass('a scratch path that is gone, or has another id, takes no folder')
})
