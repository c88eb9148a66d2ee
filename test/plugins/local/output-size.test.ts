import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { outputBytes } from '../../../plugins/local/output-size.ts'

/** A stand-in for the supervisor, whose first child is the program. Resolves once the program has written. */
async function supervisor (t: Test, program: string): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `(${program}; echo done >&3; exec sleep 100) 3>&1 & wait`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true
  })
  t.teardown(() => process.kill(-child.pid!, 'SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid!
}

/** Measures again if the kernel's list of children, which may lack some while others end, had no program. */
async function measured (...[folder, files, pid]: Parameters<typeof outputBytes>): Promise<number> {
  for (;;) {
    const bytes = outputBytes(folder, files, pid)
    if (bytes > 1000) return bytes
    await delay(10)
  }
}

t.test('what the launcher keeps is measured by the size of its files', t => {
  const folder = t.testdir({ stdout: '12345', stderr: '123' })
  t.equal(outputBytes(folder, {}, 0), 8)
  t.equal(outputBytes(t.testdir({}), {}, 0), 0, 'also before they exist')
  t.end()
})

t.test('what a job writes into files of its own is measured by its descriptors', async t => {
  const folder = t.testdir({ stdout: '', stderr: '123' })
  const [out, both] = [join(folder, 'out'), join(folder, 'both')]
  const separate = await supervisor(t, `exec > '${out}'; head -c 5000 /dev/zero`)
  t.equal(await measured(folder, { stdoutFile: out }, separate), 5003)
  const shared = await supervisor(t, `exec > '${both}' 2>&1; head -c 5000 /dev/zero; head -c 100 /dev/zero >&2`)
  t.equal(await measured(folder, { stdoutFile: both, stderrFile: both }, shared), 5100)
  t.equal(readFileSync(both).length, 5100)
})

t.test('a device, and a program that cannot be examined, have written nothing', async t => {
  const folder = t.testdir({ stdout: '', stderr: '' })
  writeFileSync(join(folder, 'out'), '')
  const device = await supervisor(t, 'exec > /dev/null; head -c 5000 /dev/zero')
  t.equal(outputBytes(folder, { stdoutFile: '/dev/null' }, device), 0)
  t.equal(outputBytes(folder, { stdoutFile: join(folder, 'out') }, 2 ** 22 - 1), 0)
})
