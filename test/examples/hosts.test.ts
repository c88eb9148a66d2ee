import t from 'tap'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const EXAMPLES = join(import.meta.dirname, '../../examples')
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
