import t from 'tap'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageVersion } from '../../launcher/cli/version.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/job-launcher')
const folder = mkdtempSync(join(tmpdir(), 'a folder with spaces '))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('scripts/job-launcher runs from any folder, through links, and passes arguments unchanged', async t => {
  symlinkSync(SCRIPT, join(folder, 'job-launcher'))
  symlinkSync('job-launcher', join(folder, 'a link'))
  for (const name of ['job-launcher', './a link']) {
    const { status, stdout, stderr } = spawnSync(name, ['version'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` }
    })
    t.same({ status, stdout, stderr }, { status: 0, stdout: `${packageVersion()}\n`, stderr: '' }, name)
  }
  t.match(spawnSync(SCRIPT, ['a b'], { encoding: 'utf8' }), { status: 64, stderr: /there is no command "a b"/ })
})

t.test('without the pinned Node, an old one on the PATH is refused with what to do', async t => {
  mkdirSync(join(folder, 'clone/scripts'), { recursive: true })
  cpSync(SCRIPT, join(folder, 'clone/scripts/job-launcher'))
  const { status, stderr } = spawnSync(join(folder, 'clone/scripts/job-launcher'), ['version'], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' }
  })
  t.equal(status, 78)
  t.match(stderr, /Node 22\.22 or later is needed; npm ci in .*a folder with spaces .*clone/)
})
