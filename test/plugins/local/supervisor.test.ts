import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createSpawner } from '../../../plugins/local/spawner.ts'
import { spawnSupervisor, supervisorArguments } from '../../../plugins/local/supervisor.ts'
import { parseState } from '../../../plugins/local/supervisor-state.ts'

const account = { name: 'alice', uid: 7, gid: 8, groups: [8, 9], home: '/', shell: '/bin/sh' }
const supervision = { id: 'ID', folder: '/', bootId: 'b007', cgroup: undefined, otherUser: undefined }
const script = supervisorArguments(supervision, 5)[0]!
const shells: Array<[string, string[]]> = ([
  ['/bin/dash', []], ['/bin/busybox', ['ash']], ['/bin/bash', ['--posix']]
] satisfies Array<[string, string[]]>).filter(([path]) => existsSync(path))

t.test('the supervisor receives what it must know, and how to become another user', t => {
  t.same(supervisorArguments(supervision, 5).slice(1), ['ID', 'b007', '5', '-', '--'])
  const cgroup = { folders: ['/c'], procsFiles: ['/c/cgroup.procs'], eventsFile: '/c/memory.events' }
  t.same(supervisorArguments({ ...supervision, cgroup, otherUser: { account, setpriv: '/bin/setpriv' } }, 5).slice(1), [
    'ID',
    'b007',
    '5',
    '/c/memory.events',
    '/c/cgroup.procs',
    '--',
    '/bin/setpriv',
    '--reuid=7',
    '--regid=8',
    '--groups=8,9',
    '--'
  ])
  t.same(
    supervisorArguments({ ...supervision, otherUser: { account: { ...account, groups: [] }, setpriv: 's' } }, 5).slice(
      -2
    ),
    ['--clear-groups', '--']
  )
  t.end()
})

t.test('the supervisor leads a session of its own', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'launch'), 'exec cat /proc/self/stat\n')
  const spawner = createSpawner()
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => {
    clearInterval(alive)
    return spawner.close()
  })
  const { pid, ended } = await spawnSupervisor(spawner, { ...supervision, folder })
  await ended
  const [, , , , group, session] = readFileSync(join(folder, 'stdout'), 'utf8').split(' ')
  t.same([group, session], [String(pid), String(pid)])
})

/** What `times` prints. */
const TIMES = /^(\d+m\d+[.,]\d+s \d+m\d+[.,]\d+s\n){2}/m

for (const [shell, options] of shells) {
  const run = (launch: string, more: string[] = ['-', '--']) => {
    const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
    try {
      writeFileSync(join(folder, 'launch'), launch)
      const supervise = () =>
        spawnSync('/usr/bin/setsid', ['--wait', shell, ...options, script, 'ID', 'b007', '5', ...more], {
          cwd: folder,
          env: {},
          stdio: 'ignore'
        })
      supervise()
      const state = readFileSync(join(folder, 'state'), 'utf8')
      supervise()
      if (readFileSync(join(folder, 'state'), 'utf8') !== state) {
        throw new Error('a second supervisor ran the job again')
      }
      const read = (name: string) => existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : ''
      const { cpuSeconds, peakMemoryBytes } = parseState(state, undefined) ?? {}
      return {
        state: state.replace(TIMES, ''), cpuSeconds, peakMemoryBytes, stdout: read('stdout'), report: read('report')
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  t.test(`${shell}: the state file has the outcome, and a claimed job is not run again`, t => {
    t.match(run('echo out; exit 3'), { state: /^started b007 5 \d+ \(.+\nexit 3\n$/, stdout: 'out\n' })
    t.match(run("exec sh -c 'kill -KILL $$'").state, /\n.*Killed.*\nexit 137\n$/)
    t.match(run('exit 137').state, /^started [^\n]+\nexit 137\n$/)
    t.match(run('echo "failed ExecutableNotFound" >&3; exit 126'), {
      state: /^started [^\n]+\nexit 126\n$/,
      report: 'failed ExecutableNotFound\n'
    })
    t.end()
  })

  t.test(`${shell}: a group that cannot be joined fails the start, and kills by the kernel are recorded`, t => {
    const events = join(mkdtempSync(join(tmpdir(), 'events-')), 'memory.events')
    t.teardown(() => rmSync(join(events, '..'), { recursive: true }))
    writeFileSync(events, 'low 0\noom 1\noom_kill 2\n')
    t.match(run('echo out', [events, '/no/such/cgroup.procs', '--']), {
      state: /failed StartFailed\noom 2\nexit 126\n$/,
      stdout: ''
    })
    t.match(run('echo out', [events, '/dev/null', '--']), { state: /\noom 2\nexit 0\n$/, stdout: 'out\n' })
    t.end()
  })

  t.test(`${shell}: the CPU time of the program and the peak of its control group are recorded`, t => {
    const busy = run('i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done')
    t.ok(busy.cpuSeconds! > 0.01 && busy.cpuSeconds! < 60, `${busy.cpuSeconds} s`)
    t.equal(busy.peakMemoryBytes, undefined)
    t.ok(run('sleep 0.1').cpuSeconds! < 0.1)
    for (const name of ['memory.peak', 'memory.max_usage_in_bytes']) {
      const folder = t.testdir({ 'memory.events': 'oom_kill 0\n', [name]: '49999872\n' })
      t.equal(run('echo out', [join(folder, 'memory.events'), '/dev/null', '--']).peakMemoryBytes, 49_999_872, name)
    }
    t.end()
  })

  t.test(`${shell}: a wrapper command runs the script`, t => {
    t.match(run('echo "$GIVEN"; exit 4', ['-', '--', '/usr/bin/env', 'GIVEN=x']), {
      state: /\nexit 4\n$/,
      stdout: 'x\n'
    })
    t.end()
  })
}

t.test('a signal that arrives as soon as the state names the supervisor ends the program, every time', async t => {
  for (let run = 0; run < 150; run++) {
    const folder = mkdtempSync(join(tmpdir(), 'supervisor-'))
    writeFileSync(join(folder, 'launch'), 'exec sleep 60\n')
    const child = spawn('/bin/sh', [script, 'ID', 'b007', '5', '-', '--'], {
      cwd: folder, detached: true, env: {}, stdio: 'ignore'
    })
    const exited = once(child, 'exit')
    while (!existsSync(join(folder, 'state')) || readFileSync(join(folder, 'state')).length === 0);
    process.kill(-child.pid!, 'SIGTERM')
    const ended = await Promise.race([exited.then(() => true), delay(5000, false, { ref: false })])
    const state = readFileSync(join(folder, 'state'), 'utf8')
    if (!ended) process.kill(-child.pid!, 'SIGKILL')
    rmSync(folder, { recursive: true })
    if (!/\nexit 143\n$/.test(state)) return t.fail(`run ${run} lost the signal: ${state}`)
  }
  t.pass('none was lost')
})
