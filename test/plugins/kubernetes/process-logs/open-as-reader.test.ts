import { chmodSync, closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  hasRight, openAsReader, type LogReader
} from '../../../../plugins/kubernetes/process-logs/open-as-reader.ts'
import { temporaryFolder } from '../../../fixtures/temporary-store.ts'

const OWNER = process.getuid!()
const OTHER = OWNER + 1234
const reader = (userId: number): LogReader => ({ userId, groupIds: [], mount: 'apps/1' })

t.test('the bits of the owner, of the group or of all others decide, and only those', async t => {
  const has = (mode: number, userId: number, groupIds: number[]): boolean =>
    hasRight({ uid: 7, gid: 8, mode }, 4, { userId, groupIds, mount: '' })
  t.equal(has(0o100400, 7, []), true)
  t.equal(has(0o100044, 7, [8]), false, 'the owner took the right from herself')
  t.equal(has(0o100040, 1, [3, 8]), true)
  t.equal(has(0o100040, 1, [3]), false)
  t.equal(has(0o100604, 1, [8]), false, 'a group without the right that others have')
  t.equal(has(0o100604, 1, []), true)
  t.equal(has(0o100622, 1, []), false)
})

async function scene (t: Parameters<typeof temporaryFolder>[0]) {
  const root = await temporaryFolder(t)
  mkdirSync(join(root, 'apps/1/deep/logs'), { recursive: true })
  const put = (path: string, mode: number): void => {
    writeFileSync(join(root, path), 'content')
    chmodSync(join(root, path), mode)
  }
  const read = (path: string, userId: number): string | undefined => {
    const file = openAsReader(root, path, reader(userId))
    if (file === undefined) return undefined
    const text = readFileSync(file, 'latin1')
    closeSync(file)
    return text
  }
  return { root, put, read }
}

t.test('a file is opened only if the user may read it', async t => {
  const { put, read } = await scene(t)
  put('apps/1/private', 0o600)
  put('apps/1/deep/logs/public', 0o604)
  t.equal(read('apps/1/private', OWNER), 'content')
  t.throws(() => read('apps/1/private', OTHER), {
    code: 'EACCES', message: `the user ${OTHER} of the job may not read it`
  })
  t.equal(read('apps/1/deep/logs/public', OTHER), 'content')
  t.equal(read('apps/1/missing', OTHER), undefined)
  t.equal(read('apps/1/missing/out', OTHER), undefined)
})

t.test('a file in a folder that the user may not enter is not opened', async t => {
  const { root, put, read } = await scene(t)
  put('apps/1/deep/logs/public', 0o604)
  chmodSync(join(root, 'apps/1/deep'), 0o700)
  t.throws(() => read('apps/1/deep/logs/public', OTHER), {
    code: 'EACCES', message: `the user ${OTHER} of the job may not enter the folder ${join(root, 'apps/1/deep')}`
  })
  t.throws(() => read('apps/1/deep/missing', OTHER), { code: 'EACCES' }, 'nor learns what is in it')
  chmodSync(join(root, 'apps/1/deep'), 0o701)
  chmodSync(join(root, 'apps'), 0o700)
  t.equal(read('apps/1/deep/logs/public', OTHER), 'content', 'the container needs no right above its mount')
  chmodSync(join(root, 'apps/1'), 0o700)
  t.throws(() => read('apps/1/deep/logs/public', OTHER), { code: 'EACCES' })
})

t.test('a link is not followed, and the error names the real path', async t => {
  const { root, put, read } = await scene(t)
  put('apps/1/deep/logs/public', 0o604)
  symlinkSync('deep', join(root, 'apps/1/folder'))
  symlinkSync('deep/logs/public', join(root, 'apps/1/file'))
  t.throws(() => read('apps/1/folder/logs/public', OTHER), {
    code: 'ENOTDIR',
    message: `${join(root, 'apps/1/folder')} is a symbolic link, which is not followed, or no folder (ENOTDIR)`
  })
  t.throws(() => read('apps/1/file', OTHER), { code: 'ELOOP', message: /apps\/1\/file is a symbolic link/ })
})
