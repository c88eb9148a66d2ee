import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import t from 'tap'
import { besideFile, policyText, readPolicyFile } from '../../../launcher/lib/policy-file.ts'
import type { Problem } from '../../../launcher/lib/problem.ts'

t.test('a file is its text, or the code of why it cannot be read', async t => {
  const folder = t.testdir({ file: 'text' })
  t.strictSame(await readPolicyFile(`${folder}/file`), { text: 'text' })
  t.strictSame(await readPolicyFile(`${folder}/none`), { code: 'ENOENT' })
  t.strictSame(await readPolicyFile(folder), { code: 'it is a folder' })
  execFileSync('mkfifo', ['-m', '666', `${folder}/fifo`])
  t.strictSame(await readPolicyFile(`${folder}/fifo`), { code: 'it is not a regular file' })
})

t.test('a file that every user can write is not read, and the problem has the command that corrects it', async t => {
  const file = `${t.testdir({ file: 'text' })}/file`
  chmodSync(file, 0o666)
  const problems: Problem[] = []
  t.equal(await policyText(readPolicyFile, file, problems, { mayBeMissing: true }), undefined)
  t.strictSame(problems, [
    { file, problem: `can be written by every user. Run: chmod o-w ${file}`, code: 'FileNotTrusted' }
  ])
})

t.test('a relative path begins at the folder of the file that names it', async t => {
  t.equal(besideFile('/etc/host/p.conf', 'gpu/t.yaml'), '/etc/host/gpu/t.yaml')
  t.equal(besideFile('/etc/host/p.conf', '../t.yaml'), '/etc/t.yaml')
  t.equal(besideFile('/etc/host/p.conf', '/t.yaml'), '/t.yaml')
})

t.test('an unreadable file is a problem, on the line that names it if there is one', async t => {
  const folder = t.testdir({ file: 'text' })
  const problems: Problem[] = []
  t.equal(await policyText(readPolicyFile, `${folder}/file`, problems), 'text')
  t.equal(await policyText(readPolicyFile, `${folder}/none`, problems, { mayBeMissing: true }), undefined)
  t.equal(await policyText(readPolicyFile, `${folder}/file/none`, problems, { mayBeMissing: true }), undefined)
  t.strictSame(problems, [])
  t.equal(await policyText(readPolicyFile, `${folder}/none`, problems), undefined)
  t.equal(await policyText(readPolicyFile, folder, problems, { mayBeMissing: true }), undefined)
  t.equal(
    await policyText(readPolicyFile, `${folder}/none`, problems, {
      namedIn: { file: '/p.conf', line: 3, key: 'tolerations-file', problem: 'names' }
    }),
    undefined
  )
  t.strictSame(problems, [
    { file: `${folder}/none`, problem: 'cannot be read (ENOENT)', code: 'FileNotReadable' },
    { file: folder, problem: 'cannot be read (it is a folder)', code: 'FileNotReadable' },
    {
      file: '/p.conf',
      line: 3,
      key: 'tolerations-file',
      problem: `names ${folder}/none, which cannot be read (ENOENT)`
    }
  ])
})
