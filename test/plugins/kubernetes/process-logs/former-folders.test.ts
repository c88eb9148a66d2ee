import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { createFormerFolders, logDirOf } from '../../../../plugins/kubernetes/process-logs/former-folders.ts'

const OWN = 'c0ffee000000/Kubernetes'
const DATA = '/srv/host'

t.test('a folder that was noted is known to the next launcher until it is forgotten', async t => {
  const link = join(t.testdir(), 'process-logs/Kubernetes')
  const open = (folder: string) => createFormerFolders({ dataPath: DATA, parent: `${folder}/${OWN}`, link })
  const former = open('new')
  t.strictSame(former.all(), [])
  for (const name of ['a/old', 'new']) await former.note(`${DATA}/${name}/${OWN}/.data-${name.length}`)
  t.strictSame(former.all(), [`a/old/${OWN}`], 'the present one is none')
  t.strictSame(open('third').all().toSorted(), [`a/old/${OWN}`, `new/${OWN}`])
  await former.forget(`a/old/${OWN}`)
  t.strictSame(former.all(), [])
  t.strictSame(open('third').all(), [`new/${OWN}`])
  t.equal(readdirSync(`${link}.former`).length, 1)
})

t.test('until the data could be checked, the link still leads to the former folder', async t => {
  const link = join(t.testdir(), 'process-logs/Kubernetes')
  mkdirSync(dirname(link))
  symlinkSync(`${DATA}/old/${OWN}/.data-1`, link)
  t.strictSame(createFormerFolders({ dataPath: DATA, parent: `new/${OWN}`, link }).all(), [`old/${OWN}`])
})

t.test('a folder of other data, of another instance or of another cluster is none of the former ones', async t => {
  const link = join(t.testdir(), 'process-logs/Kubernetes')
  const former = createFormerFolders({ dataPath: DATA, parent: `new/${OWN}`, link })
  for (const folder of [`/elsewhere/old/${OWN}`, `${DATA}/old/0123/Kubernetes`, `${DATA}/old/c0ffee000000/Other`]) {
    await former.note(`${folder}/.data-1`)
  }
  t.strictSame(former.all(), [])
})

t.test('the folder of all launchers is two levels above that of a cluster of one', async t => {
  t.equal(logDirOf(`a/logs/${OWN}`), 'a/logs')
})
