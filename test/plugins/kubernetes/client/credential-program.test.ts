import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findProgram, runCredentialProgram } from '../../../../plugins/kubernetes/client/credential-program.ts'

const shell = (script: string) => runCredentialProgram('/bin/sh', ['-c', script], { PATH: '/usr/bin:/bin', NAME: 'x' })

t.test('a program gets its environment and no standard input', async t => {
  t.equal(await shell('printf "%s" "$NAME"; cat'), 'x')
})

t.test('a program that fails is reported in one line: the last that it wrote, or how it ended', async t => {
  await t.rejects(shell('echo first >&2; echo no session >&2; exit 1'), { message: 'no session' })
  await t.rejects(shell('exit 3'), { message: 'it ended with exit code 3' })
  await t.rejects(shell('kill -KILL $$'), { message: 'it ended by SIGKILL' })
  await t.rejects(shell('head -c 2000000 /dev/zero'), { message: 'it wrote more than 1048576 bytes' })
  await t.rejects(runCredentialProgram('/none', [], {}), { message: /ENOENT/ })
})

t.test('a name is searched for in PATH, and only a file that may be run counts', async t => {
  const folder = t.testdir({ a: { tool: '' }, b: { tool: '' }, c: { tool: {} } })
  chmodSync(join(folder, 'b/tool'), 0o755)
  const path = ['relative', join(folder, 'a'), join(folder, 'c'), join(folder, 'b')].join(':')
  t.equal(await findProgram('tool', path), join(folder, 'b/tool'))
  t.equal(await findProgram('tool', undefined), undefined)
  t.equal(await findProgram(join(folder, 'b/tool'), undefined), join(folder, 'b/tool'))
  t.equal(await findProgram(join(folder, 'a/tool'), path), undefined)
})
