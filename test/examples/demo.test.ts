import t from 'tap'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

function demo (t: { teardown (clean: () => unknown): void }, path: string) {
  const folder = mkdtempSync(join(tmpdir(), 'd-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const outcome = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'examples/demo/demo.ts')],
    { encoding: 'utf8', cwd: '/', env: { PATH: path, TMPDIR: folder } }
  )
  return { ...outcome, left: readdirSync(folder) }
}

t.test('the demo plays every scene as expected and leaves nothing behind', async t => {
  const { status, stdout, left } = demo(t, process.env.PATH!)
  t.equal(status, 0, stdout)
  t.match(stdout, /launcher\.conf:\n {4}# Rendered by job-launcher/)
  t.match(stdout, /ID +NAME +STATUS +EXIT CODE +REASON +DURATION/)
  t.match(stdout, 'Everything was as expected.')
  t.same(left, [])
})

t.test('without Python the demo runs its Python parts in Node, and says so', async t => {
  const tools = mkdtempSync(join(tmpdir(), 'p-'))
  t.teardown(() => rmSync(tools, { recursive: true, force: true }))
  for (const folder of ['/usr/bin', '/bin']) {
    for (const program of readdirSync(folder)) {
      if (!/^python|^Rscript$/.test(program) && !existsSync(join(tools, program))) {
        symlinkSync(join(folder, program), join(tools, program))
      }
    }
  }
  const { status, stdout } = demo(t, tools)
  t.equal(status, 0, stdout)
  t.match(stdout, 'Skipped: python3 is not installed: its parts are done in Node.')
  t.match(stdout, 'Skipped: R is not installed: there is no R job.')
})
