import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isReadOnly, isWritableByAll } from '../../../launcher/lib/writable-by-all.ts'

t.test('a file is writable by every user if its mode says so', async t => {
  const file = join(t.testdir({ file: '' }), 'file')
  for (const [mode, expected] of [[0o666, true], [0o602, true], [0o664, false], [0o600, false]] as const) {
    chmodSync(file, mode)
    t.equal(await isWritableByAll(file), expected, mode.toString(8))
  }
  t.equal(await isReadOnly(file), false)
  await t.rejects(isWritableByAll(`${file}-none`), { code: 'ENOENT' })
})

t.test('no user can write a file that is mounted read-only', {
  skip: spawnSync('unshare', ['--mount', 'true']).status === 0 ? false : 'only root can mount'
}, async t => {
  const folder = t.testdir({ file: '' })
  chmodSync(join(folder, 'file'), 0o666)
  const module = new URL('../../../launcher/lib/writable-by-all.ts', import.meta.url)
  const code = `const { isReadOnly, isWritableByAll } = await import('${module.href}')
    const file = process.argv.at(-1)
    console.log(await isReadOnly(file), await isWritableByAll(file))`
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
  const { stdout, stderr } = spawnSync('unshare', [
    ...['--mount', 'sh', '-c', script, 'sh', folder],
    ...[process.execPath, '--input-type=module', '--eval', code, join(folder, 'file')]
  ], { encoding: 'utf8' })
  t.equal(stdout, 'true false\n', stderr)
})
