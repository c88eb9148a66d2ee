// Nothing that a job's user controls holds a descriptor of the launcher's, at any step from the supervisor to the
// program.

import {
  chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { bootId } from '../../plugins/local/boot-id.ts'
import { launchScript } from '../../plugins/local/launch-script.ts'
import { makeJobFolder, recordOf, writeJobFiles } from '../../plugins/local/job-folder.ts'
import { createSpawner } from '../../plugins/local/spawner.ts'
import { spawnSupervisor } from '../../plugins/local/supervisor.ts'
import { sampleJob } from '../fixtures/sample-job.ts'

const ID = '0'.repeat(26)
const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534, groups: [], home: '/', shell: '/bin/sh' }
/** Becoming the user, still as root; the launch script, as the user; the program. */
const STEPS = ['switch', 'script', 'program'] as const

/** Runs a job of nobody whose steps list what they have open; returns its folder and the lists. */
async function listDescriptors (t: Test): Promise<{ folder: string, lists: Record<string, string[]> }> {
  const scratch = mkdtempSync(join(tmpdir(), 'descriptors-'))
  chmodSync(scratch, 0o711)
  t.teardown(() => rmSync(scratch, { recursive: true }))
  const folder = join(scratch, ID)
  makeJobFolder(folder)
  const listTo = (step: string): string => `/bin/ls -l /proc/$$/fd /proc/$$/cwd > ${scratch}/${step} 2>&1`
  for (const step of STEPS) {
    writeFileSync(join(scratch, step), '')
    chownSync(join(scratch, step), NOBODY.uid, NOBODY.gid)
  }
  const setpriv = join(scratch, 'setpriv')
  writeFileSync(setpriv, `#!/bin/sh\n${listTo('switch')}\nexec /usr/bin/setpriv "$@"\n`, { mode: 0o755 })
  const submission = { name: 'x', stdin: 'in', command: listTo('program') }
  const script = launchScript({ id: ID, submission, account: NOBODY, ports: [] })
  writeJobFiles(folder, {
    record: recordOf(sampleJob({ id: ID, submission }), NOBODY, []),
    launchScript: script.replace('umask 022', () => listTo('script')),
    stdin: 'in',
    owner: NOBODY
  })
  const spawner = createSpawner()
  const alive = setInterval(() => {}, 1000)
  t.teardown(async () => {
    clearInterval(alive)
    await spawner.close()
  })
  const otherUser = { account: NOBODY, setpriv }
  const supervision = { id: ID, folder, bootId: bootId(folder), cgroup: undefined, otherUser }
  const { ended } = await spawnSupervisor(spawner, supervision)
  await ended
  t.match(readFileSync(join(folder, 'state'), 'utf8'), /\nexit 0\n$/, 'the job ran')
  const targets = (step: string): string[] =>
    Array.from(readFileSync(join(scratch, step), 'utf8').matchAll(/ -> (.*)$/gm), match => match[1]!)
  return { folder, lists: Object.fromEntries(STEPS.map(step => [step, targets(step)])) }
}

/** What the test runner left open comes with every process that it starts. */
function ownDescriptors (): string[] {
  return readdirSync('/proc/self/fd').flatMap(name => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)]
    } catch {
      return []
    }
  })
}

t.test(
  "no step of a job as another user has the state, the job's folder or another writable file of root's open",
  { skip: process.getuid!() === 0 ? false : 'only root can run jobs as another user' },
  async t => {
    const { folder, lists } = await listDescriptors(t)
    const own = ownDescriptors()
    const users = ['stdin', 'stdout', 'stderr', 'report'].map(name => join(folder, name))
    // The script belongs to root and is open for reading only.
    const script = join(folder, 'launch')
    const allowed = {
      switch: [...users, script, '/'],
      script: [...users, script, '/'],
      program: [...users.slice(0, 3), '/']
    }
    for (const step of STEPS) {
      const open = lists[step]!.filter(name => !name.endsWith(`/${step}`) && !name.endsWith('/setpriv'))
      t.strictSame(open.filter(name => !allowed[step].includes(name) && !own.includes(name)), [], step)
      t.ok(open.length >= 4, `${step} listed its descriptors`)
    }
  }
)
