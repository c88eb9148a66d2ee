import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createSpawner } from '../../../plugins/local/spawner.ts'

function spawner (t: Test) {
  const made = createSpawner()
  // It keeps no process alive that only waits for an end.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => {
    clearInterval(alive)
    return made.close()
  })
  return made
}

function folder (t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'spawner-'))
  t.teardown(() => rmSync(made, { recursive: true }))
  return made
}

t.test('a process runs in its folder, in its own session, with nothing of our environment', async t => {
  const cwd = folder(t)
  const { pid, ended } = await spawner(t).start(
    '/bin/sh',
    ['-c', 'cat /proc/$$/stat > stat; cat /proc/$$/environ > environ'],
    cwd
  )
  await ended
  t.equal(readFileSync(join(cwd, 'stat'), 'utf8').split(' ')[5], String(pid), 'the session')
  // The test runner gives every process something of its own.
  t.notMatch(readFileSync(join(cwd, 'environ'), 'utf8'), /(?:^|\0)(?:PATH|HOME|PWD)=/)
})

t.test('of many processes at once, each exit is reported separately', async t => {
  const { start } = spawner(t)
  const cwd = folder(t)
  const pids = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
    const { pid, ended } = await start('/bin/sh', ['-c', `echo $$ > ${n}`], cwd)
    await ended
    t.equal(readFileSync(join(cwd, String(n)), 'utf8'), `${pid}\n`)
    return pid
  }))
  t.equal(new Set(pids).size, 20)
})

t.test("a failed spawn is reported with the system's error, and other spawns succeed", async t => {
  const { start } = spawner(t)
  await t.rejects(start('/bin/true', [], '/no/such/folder'), { code: 'ENOENT', message: /ENOENT/ })
  await t.rejects(start('/bin/true', ['x'.repeat(10_000_000)], '/'), { code: 'E2BIG' })
  const { ended } = await start('/bin/true', [], '/')
  await ended
})

t.test('processes outlive the thread, which is recreated when it is gone', async t => {
  const made = spawner(t)
  const { pid, ended } = await made.start('/bin/sleep', ['300'], '/')
  t.teardown(() => process.kill(pid, 'SIGKILL'))
  // The thread needs longer for them than this one needs to end it.
  const starts = Array.from({ length: 500 }, () => made.start('/bin/true', [], '/').then(() => 'started', String))
  await made.close()
  const results = new Set(await Promise.all(starts))
  results.delete('started')
  t.strictSame([...results], ['Error: the thread that starts processes ended'])
  await ended
  t.ok(process.kill(pid, 0), 'it lives, although it was reported as ended with its thread')
  await (await made.start('/bin/true', [], '/')).ended
})
