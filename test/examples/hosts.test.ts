import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const JOB_LAUNCHER = join(EXAMPLES, '../scripts/job-launcher')
const COMMAND = 'echo "from \\"the job\\""; exit 4'

const hosts: Array<{ name: string; needs: string; command: [string, ...string[]] }> = [
  {
    name: 'Node',
    needs: process.execPath,
    command: [process.execPath, '--disable-warning=ExperimentalWarning', join(EXAMPLES, 'host-node/server.ts')]
  },
  { name: 'Python', needs: 'python3', command: ['python3', join(EXAMPLES, 'host-python/host.py')] },
  { name: 'shell', needs: 'curl', command: ['sh', join(EXAMPLES, 'host-shell/host.sh')] }
]

for (const { name, needs, command: [program, ...args] } of hosts) {
  const skip = spawnSync(needs, ['--version']).status === 0 ? false : `${needs} is not installed`
  t.test(`the ${name} host starts the launcher, follows a job to its end and stops`, { skip }, async t => {
    const folder = t.testdir()
    const { status, stdout, stderr } = spawnSync(program, [...args, COMMAND], { encoding: 'utf8', cwd: folder })
    t.equal(stderr, '')
    t.match(stdout, /^ready at (\/\S+)\nsubmitted [0-9a-z]{26}\nfrom "the job"\nFinished, exit code 4, Exited\n$/)
    t.equal(status, 4)
    const address = /^ready at (\S+)/.exec(stdout)?.[1] ?? folder
    t.equal(spawnSync('test', ['-e', address]).status, 1, 'its folder is gone')
  })
}

const noGo = spawnSync('go', ['version']).status === 0 ? false : 'go is not installed'

function builtGoHost (t: Test): string {
  const program = join(t.testdir(), 'host')
  const built = spawnSync('go', ['build', '-o', program, join(EXAMPLES, 'host-go/host.go')], { encoding: 'utf8' })
  t.equal(built.stderr, '')
  return program
}

t.test('the Go host starts the launcher, waits for a job and stops', { skip: noGo }, async t => {
  const program = builtGoHost(t)
  const env = { ...process.env, JOB_LAUNCHER }
  const { status, stdout, stderr } = spawnSync(program, [COMMAND], { encoding: 'utf8', env })
  t.equal(stderr, '')
  t.match(stdout, /^ready at (\/\S+)\nsubmitted [0-9a-z]{26}\nfrom "the job"\nFinished, exit code 4, Exited\n$/)
  t.equal(status, 4)
  t.equal(spawnSync('test', ['-e', /^ready at (\S+)/.exec(stdout)?.[1] ?? '/']).status, 1, 'its folder is gone')
})

t.test('the Go host keeps its job when its launcher is killed', { skip: noGo }, async t => {
  const started = join(t.testdir(), 'started')
  const program = builtGoHost(t)
  const host = spawn(program, [`echo up; touch '${started}'; sleep 3; echo down; exit 3`], {
    env: { ...process.env, JOB_LAUNCHER }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = once(host, 'exit')
  let output = ''
  host.stdout.setEncoding('utf8').on('data', piece => { output += piece })
  while (!existsSync(started) || !output.includes('submitted')) await delay(50)
  const socket = /^ready at (\S+)/.exec(output)![1]!
  const { pid } = JSON.parse(readFileSync(join(dirname(socket), 'launcher.pid'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  t.strictSame(await ended, [3, null])
  t.match(output, /\nup\ndown\nFinished, exit code 3, Exited\n$/)
})
