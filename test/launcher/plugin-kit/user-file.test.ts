import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createUserFileReader, type UserFile } from '../../../launcher/plugin-kit/user-file.ts'

const OWN = { become: [] }
const NOBODY = { become: ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'] }
const root = { skip: process.getuid!() === 0 ? false : 'only root can act as another user' }

async function textOf (file: UserFile): Promise<string> {
  let text = ''
  for (;;) {
    const bytes = await file.read()
    if (bytes.length === 0) return text
    text += Buffer.from(bytes)
  }
}

t.test('a file is read from any offset to its end', async t => {
  const folder = t.testdir({ file: '0123456789', empty: '', "it's $(a) name": 'x' })
  const { open } = createUserFileReader()
  for (const [offset, text] of [[0, '0123456789'], [7, '789'], [10, '']] as const) {
    const file = await open(`${folder}/file`, offset, OWN)
    t.equal(file!.size, 10)
    t.equal(await textOf(file!), text)
  }
  t.equal(await textOf((await open(`${folder}/empty`, 0, OWN))!), '')
  t.equal(await textOf((await open(`${folder}/it's $(a) name`, 0, OWN))!), 'x')
  t.equal(await open(`${folder}/missing`, 0, OWN), undefined)
})

t.test('a large file arrives whole', async t => {
  const folder = t.testdir({ file: '' })
  writeFileSync(`${folder}/file`, Buffer.alloc(3_000_001, 'ab'))
  const file = (await createUserFileReader().open(`${folder}/file`, 0, OWN))!
  let bytes = 0
  for (let chunk = await file.read(); chunk.length > 0; chunk = await file.read()) bytes += chunk.length
  t.equal(bytes, 3_000_001)
})

t.test('only a regular file that is no link is read', async t => {
  const folder = t.testdir({ real: 'secret', folder: {} })
  symlinkSync(`${folder}/real`, `${folder}/link`)
  execFileSync('mkfifo', [`${folder}/fifo`])
  const { open } = createUserFileReader()
  await t.rejects(open(`${folder}/link`, 0, OWN), { message: 'is a symbolic link' })
  await t.rejects(open(`${folder}/fifo`, 0, OWN), { message: 'is not a regular file' })
  await t.rejects(open(`${folder}/folder`, 0, OWN), { message: 'is not a regular file' })
  await t.rejects(open('/dev/zero', 0, OWN), { message: 'is not a regular file' })
  t.equal(await open(`${folder}/real/x`, 0, OWN), undefined, 'a file has no files in it')
})

t.test(
  'a file that only root may access is not opened for another user, and its type is not revealed',
  root,
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'user-file-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    chmodSync(folder, 0o755)
    mkdirSync(`${folder}/private`, 0o700)
    writeFileSync(`${folder}/private/file`, 'secret')
    writeFileSync(`${folder}/file`, 'secret', { mode: 0o600 })
    writeFileSync(`${folder}/public`, 'not theirs', { mode: 0o644 })
    execFileSync('mkfifo', ['-m', '600', `${folder}/private/fifo`])
    const writer = spawn('/bin/sh', ['-c', `echo x > ${folder}/private/fifo; echo released > ${folder}/released`])
    t.teardown(() => writer.kill('SIGKILL'))
    await once(writer, 'spawn')
    const { open } = createUserFileReader()
    for (const name of ['private/file', 'private/fifo', 'private/folder', 'private', 'file']) {
      await t.rejects(open(`${folder}/${name}`, 0, NOBODY), { message: /Permission denied|not a regular file/ }, name)
    }
    const messages = await Promise.all(
      ['file', 'fifo', 'missing'].map(name =>
        open(`${folder}/private/${name}`, 0, NOBODY).then(
          () => 'opened',
          (error: Error) => error.message
        )
      )
    )
    t.strictSame(new Set(messages).size, 1, 'existence and type do not change the answer')
    await t.rejects(open(`${folder}/public`, 0, NOBODY), { message: "belongs to another user than the job's" })
    chownSync(`${folder}/public`, 65_534, 65_534)
    t.equal(await textOf((await open(`${folder}/public`, 0, NOBODY))!), 'not theirs')
    await delay(100)
    t.notOk(existsSync(`${folder}/released`), "the writer of root's FIFO still waits")
  }
)

t.test('a read that hangs ends in time, and the concurrent reads of one user are limited', async t => {
  const folder = t.testdir({ file: 'x', 'sleep.sh': '#!/bin/sh\nexec sleep 60\n' })
  chmodSync(`${folder}/sleep.sh`, 0o755)
  const { open } = createUserFileReader()
  // Simulates a file system that hangs: the process never reads the file.
  const hung = { become: [`${folder}/sleep.sh`], timeoutMs: 300 }
  const opens = Array.from({ length: 40 }, () =>
    open(`${folder}/file`, 0, hung).then(
      () => 'opened',
      (error: Error) => error.message
    )
  )
  t.equal(await textOf((await open(`${folder}/file`, 0, OWN))!), 'x', 'another user is served meanwhile')
  const messages = await Promise.all(opens)
  t.equal(messages.filter(message => message === 'did not answer within 0.3 s').length, 32)
  t.equal(messages.filter(message => /32 reads of this user are in progress/.test(message)).length, 8)
})
