import { join } from 'node:path'
import t from 'tap'
import { LauncherError } from '../../../launcher/errors.ts'
import { startFailure } from '../../../launcher/daemon/start-failure.ts'
import { temporaryFolder } from '../../fixtures/temporary-store.ts'

const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

t.test('a start that finds no room reports the scratch path and its free bytes', async t => {
  const folder = await temporaryFolder(t)
  const failure = startFailure(noSpace, folder) as LauncherError
  t.match(failure, { code: 'DiskFull', details: { path: folder, freeBytes: Number }, kind: { exit: 74 } })
  t.match(failure.message, new RegExp(
    `^The disk of ${folder} \\(Launcher.ScratchPath\\) is full, \\d+ bytes are free: ENOSPC: no space left on ` +
    'device, write\\.$'
  ))
})

t.test('a folder that the error names is reported instead, also if it could not be created', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'conf', 'inner')
  const error = new LauncherError(
    'FolderNotWritable',
    'Launcher.ConfigDir cannot be written (ENOSPC)',
    { setting: 'Launcher.ConfigDir', path },
    { cause: noSpace }
  )
  t.match(startFailure(error, '/none'), {
    code: 'DiskFull',
    details: { path },
    message: new RegExp(`^The disk of ${path} \\(Launcher.ConfigDir\\) is full`)
  })
})

t.test('a database that a launcher in another container may have locked is a scratch path that is taken', async t => {
  const folder = await temporaryFolder(t)
  const locked = new LauncherError('StoreUnavailable', 'locked', {}, {
    cause: Object.assign(new Error('database is locked'), { errcode: 5 })
  })
  t.match(startFailure(locked, folder), { code: 'ScratchPathTaken', kind: { exit: 73 } })
  t.equal(startFailure(locked, undefined), locked)
})

t.test('any other failure is reported as it is', t => {
  const error = new LauncherError('ScratchPathTaken', 'taken')
  t.equal(startFailure(error, '/tmp'), error)
  t.equal(startFailure(noSpace, undefined), noSpace, 'also before the scratch path is known')
  t.end()
})
