import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { giveScratchPath, createScratchPath, socketOwner, whyUntrusted } from '../../../launcher/daemon/scratch-path.ts'
import { ownUserName } from '../../../launcher/lib/users.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const root = process.getuid!() === 0

t.test('the scratch path is created, and made private if it was not', async t => {
  const folder = join(await temporaryFolder(t), 'a', 'b')
  await createScratchPath(folder)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  const open = join(await temporaryFolder(t), 'open')
  mkdirSync(open, { mode: 0o777 })
  await createScratchPath(open)
  t.equal(statSync(open).mode & 0o777, 0o700)
})

t.test('a folder that others own or can write is refused, and left unchanged', async t => {
  const shared = join(await temporaryFolder(t), 'tmp')
  mkdirSync(shared)
  chmodSync(shared, 0o1777)
  await t.rejects(createScratchPath(shared), {
    code: 'FolderNotWritable',
    message: /\(Launcher\.ScratchPath\) is a folder that users share; use a folder inside it\.$/
  })
  t.equal(statSync(shared).mode & 0o7777, 0o1777)
  if (!root) return
  const foreign = join(await temporaryFolder(t), 'foreign')
  mkdirSync(foreign)
  chownSync(foreign, 12_345, 12_345)
  await t.rejects(createScratchPath(foreign), {
    code: 'FolderNotWritable',
    message: /belongs to user id 12345, which could have put files and links into it/
  })
  t.match(statSync(foreign), { uid: 12_345, mode: 0o40755 })
})

t.test('a folder is trusted if it belongs to the launcher, to root or to server-user', async t => {
  t.equal(whyUntrusted({ uid: 5, mode: 0o777 }, [0, 5]), undefined)
  t.equal(whyUntrusted({ uid: 0, mode: 0o700 }, [0, 5]), undefined)
  t.match(whyUntrusted({ uid: 6, mode: 0o700 }, [0, 5]), /user id 6/)
  t.match(whyUntrusted({ uid: 0, mode: 0o1700 }, [0, 5]), /share/)
})

t.test(
  'the scratch path is given to the user of the host',
  { skip: root ? false : 'only root can change the owner of files' },
  async t => {
    const folder = join(await temporaryFolder(t), 'a')
    await createScratchPath(folder)
    await giveScratchPath(folder, undefined)
    t.match(statSync(folder), { uid: 0 }, 'without an owner it stays as it is')
    await giveScratchPath(folder, { uid: 12_345, gid: 12_346 })
    t.match(statSync(folder), { uid: 12_345, gid: 12_346 })
  }
)

t.test('an impossible scratch path is refused with its setting', async t => {
  const file = join(await temporaryFolder(t), 'file')
  writeFileSync(file, '')
  await t.rejects(giveScratchPath(join(file, 'below'), { uid: 0, gid: 0 }), {
    code: 'FolderNotWritable',
    message: /\(Launcher\.ScratchPath\) cannot be used/
  })
  await t.rejects(createScratchPath(join(file, 'below')), {
    code: 'FolderNotWritable',
    message: `Launcher.ScratchPath ${join(file, 'below')} cannot be created or written (ENOTDIR)`
  })
  await t.rejects(
    createScratchPath('/proc/nowhere/x'),
    { code: 'FolderNotWritable', message: /\(ENOENT\)$/ },
    "even if Node's own mkdir would never end"
  )
})

t.test('only root looks up the owner of the socket, who must exist', async t => {
  t.equal(await socketOwner(undefined), undefined)
  if (!root) return t.equal(await socketOwner('no-such-user-here'), undefined)
  t.match(await socketOwner(ownUserName()), { uid: 0 })
  await t.rejects(socketOwner('no-such-user-here'), {
    code: 'UserNotFound',
    message: 'There is no user no-such-user-here (Launcher.ServerUser).'
  })
})
