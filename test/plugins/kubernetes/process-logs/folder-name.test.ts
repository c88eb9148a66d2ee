import t from 'tap'
import { isFolderOfJob, jobIdOfFolder, newFolderName } from '../../../../plugins/kubernetes/process-logs/folder-name.ts'

const ID = '38h88g9440t1qbtyx3rzs5qwdn'
const NAME = `${ID}-${'0a'.repeat(16)}`

t.test('a new folder has the id of its job in its name, and another random part each time', async t => {
  const names = [newFolderName(ID), newFolderName(ID)]
  t.strictSame(names.map(jobIdOfFolder), [ID, ID])
  t.not(names[0], names[1])
})

t.test('a folder below the data that ends with the name of the job can be its folder', async t => {
  t.ok(isFolderOfJob(`process-logs/c0ffee000000/Kubernetes/${NAME}`, ID))
  t.ok(isFolderOfJob(NAME, ID))
})

const STRANGE = ['', '.', '..', '../..', `../${NAME}`, `a/../../${NAME}`, `/etc/${NAME}`, `a//${NAME}`, `${NAME}/`,
  `${NAME}/stdout`, `process-logs/${ID}`, `process-logs/38h88g9440t1qbtyx3rzs5qwda-${'0a'.repeat(16)}`]
for (const folder of STRANGE) {
  t.test(`the path ${JSON.stringify(folder)} in an annotation is no folder of the job`, async t => {
    t.notOk(isFolderOfJob(folder, ID))
  })
}
