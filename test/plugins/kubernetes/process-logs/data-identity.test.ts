import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { createDataIdentity } from '../../../../plugins/kubernetes/process-logs/data-identity.ts'
import { fileExists, listFolder, markData } from '../../../../plugins/kubernetes/process-logs/log-folder.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const PARENT = 'process-logs/c0ffee000000/Kubernetes'

async function scene (t: Test) {
  const [dataPath, scratchPath] = [await temporaryFolder(t), await temporaryFolder(t)]
  const link = join(scratchPath, 'process-logs/Kubernetes')
  const files = {
    exists: async (path: string) => fileExists(dataPath, path),
    list: async (folder: string) => listFolder(dataPath, folder),
    mark: async (path: string) => { markData(dataPath, path) }
  }
  const noted: string[] = []
  const former = { note: async (marker: string) => { noted.push(marker) } }
  const identifyFor = (parent: string) => createDataIdentity({ files, dataPath, parent, link, former })
  return { dataPath, link, noted, identify: identifyFor(PARENT), identifyFor }
}

t.test('the first use of the data marks it once', async t => {
  const { dataPath, link, identify } = await scene(t)
  await Promise.all([identify(), identify()])
  await identify()
  const names = readdirSync(join(dataPath, PARENT))
  t.match(names, [/^\.data-[0-9a-f]{16}$/])
  t.equal(readlinkSync(link), join(dataPath, PARENT, names[0]!))
})

t.test('data without the marker is refused, with what to do, until the link to the marker is removed', async t => {
  const { dataPath, link, identify } = await scene(t)
  await identify()
  const marker = readlinkSync(link)
  rmSync(marker)
  const refused = {
    name: 'OtherDataError',
    problem: {
      message: `The data ${dataPath} is not mounted, or is not the one that the launcher used before: it has no file ` +
        `${marker}.`,
      help: `Mount the data of the host at ${dataPath}. If it is new and meant to be empty, or the folder of ` +
        `this file was removed on purpose, remove ${link}.`
    }
  }
  await t.rejects(identify(), refused)
  await t.rejects(identify(), refused)
  rmSync(link)
  await identify()
  t.ok(existsSync(readlinkSync(link)))
})

t.test('a launcher without its scratch path takes the marker that it finds', async t => {
  const { link, identify } = await scene(t)
  await identify()
  const marker = readlinkSync(link)
  rmSync(dirname(link), { recursive: true })
  await identify()
  t.equal(readlinkSync(link), marker)
})

t.test('another path of the data in the settings is a first use', async t => {
  const { dataPath, link, identify } = await scene(t)
  mkdirSync(dirname(link))
  symlinkSync(`/elsewhere/${PARENT}/.data-0`, link)
  await identify()
  t.equal(dirname(readlinkSync(link)), join(dataPath, PARENT))
})

t.test('another folder of the same data is used only where the folder before is', async t => {
  const { link, noted, identify, identifyFor } = await scene(t)
  await identify()
  const before = readlinkSync(link)
  const identifyOther = identifyFor('other/c0ffee000000/Kubernetes')
  rmSync(before)
  await t.rejects(identifyOther(), { name: 'OtherDataError', message: before })
  t.equal(readlinkSync(link), before)
  writeFileSync(before, '')
  await identifyOther()
  t.match(readlinkSync(link), /\/other\/c0ffee000000\/Kubernetes\/\.data-/)
  t.strictSame(noted, [before])
})

t.test('data that does not exist is an error of the system', async t => {
  const { dataPath, identify } = await scene(t)
  await identify()
  rmSync(dataPath, { recursive: true })
  await t.rejects(identify(), { code: 'ENOENT' })
})
