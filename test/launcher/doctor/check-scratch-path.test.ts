import { chmodSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { takeLock } from '../../../launcher/daemon/lock.ts'
import { checkScratchPath } from '../../../launcher/doctor/check-scratch-path.ts'

t.test('the check does not change a folder', async t => {
  const folder = t.testdir({ file: '' })
  chmodSync(folder, 0o750)
  t.match(await checkScratchPath(folder, undefined), {
    check: 'scratch-path',
    state: /ok|warning/,
    message: /mode 0750|GiB free/
  })
  t.strictSame(readdirSync(folder), ['file'])
})

t.test('the check does not create a missing folder', async t => {
  const path = join(t.testdir(), 'a/b')
  t.match(await checkScratchPath(path, undefined), { state: /ok|warning/, message: path })
  t.equal(existsSync(join(path, '..')), false)
})

t.test('a path through a file, and one that is too long, are problems', async t => {
  const file = join(t.testdir({ file: '' }), 'file')
  t.match(await checkScratchPath(join(file, 'x'), undefined), { state: 'missing', message: `${file} is not a folder` })
  t.match(await checkScratchPath(`/${'x'.repeat(300)}`, undefined), {
    state: 'missing',
    message: /cannot be checked \(ENAMETOOLONG\)/
  })
})

t.test('a scratch path that a launcher uses is no problem', async t => {
  const folder = t.testdir()
  chmodSync(folder, 0o700)
  const lock = takeLock(folder)
  t.teardown(() => lock.release())
  const finding = await checkScratchPath(folder, undefined)
  t.not(finding.state, 'missing')
  if (finding.state === 'ok') t.match(finding.message, `a launcher uses it now, pid ${process.pid}`)
})
