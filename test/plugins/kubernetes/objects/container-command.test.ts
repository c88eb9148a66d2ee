import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import fc from 'fast-check'
import type { JobSubmission } from '../../../../launcher/plugin.ts'
import {
  containerEnvironment,
  containerProgram,
  secretKey,
  STDIN_KEY
} from '../../../../plugins/kubernetes/objects/container-command.ts'
import { STDIN_FOLDER } from '../../../../plugins/kubernetes/metadata/names.ts'
import { expand } from '../expand.ts'

const container = { image: 'i' }
const words = (submission: Partial<JobSubmission>) => containerProgram({ name: 'x', container, ...submission }).command

/** Runs the container's command on this machine, with the file of the standard input in a local folder. */
async function run (submission: Partial<JobSubmission>, folder = '/nowhere'): Promise<string> {
  const [file, ...args] = words(submission)!.map(word =>
    expand(word, { HOME: 'expanded' }).replace(`${STDIN_FOLDER}/${STDIN_KEY}`, join(folder, STDIN_KEY))
  )
  return (await promisify(execFile)(file!, args)).stdout
}

t.test('a program gets its arguments unchanged, and without command or exe the image runs its own', async t => {
  t.strictSame(words({ exe: 'python3', args: ['-c', 'print(1)'] }), ['python3', '-c', 'print(1)'])
  t.strictSame(words({ exe: '/bin/true' }), ['/bin/true'])
  t.equal(words({}), undefined)
})

t.test('/bin/sh runs a shell command, with the arguments appended', async t => {
  t.strictSame(words({ command: 'echo' }), ['/bin/sh', '-c', '--', 'echo', 'sh'])
  t.equal(
    await run({
      command: 'echo a; printf "<%s>"',
      args: ['', 'two words', "it's", '"$HOME" `id` $(id)', '*', '\\', '-n']
    }),
    'a\n<><two words><it\'s><"$HOME" `id` $(id)><*><\\><-n>'
  )
  t.equal(await run({ command: '-x 2> /dev/null || echo $#' }), '0\n', 'a command that begins with - is not an option')
})

t.test('any argument arrives unchanged', async t => {
  const text = fc.string({
    unit: fc.constantFrom('$', '(', ')', 'H', 'O', 'M', 'E', '"', "'", '\\', ' ', '\n', 'é'),
    maxLength: 12
  })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 4 }), fc.boolean(), async (args, viaShell) => {
      t.equal(
        await run({
          ...(viaShell ? { command: 'printf "<%s>"' } : { exe: '/usr/bin/printf' }),
          args: viaShell ? args : ['<%s>', ...args]
        }),
        args.length === 0 ? '<>' : args.map(arg => `<${arg}>`).join('')
      )
    }),
    { numRuns: 60 }
  )
})

t.test('commands and programs read standard input from the file of the Secret', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'stdin-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const stdin = 'first\nlast without newline é'
  await writeFile(join(folder, STDIN_KEY), stdin)
  t.equal(await run({ command: 'cat; echo', stdin, args: ['-'] }, folder), `${stdin}-\n`)
  t.equal(await run({ command: 'read a; echo "$a$$" | grep -c first', stdin }, folder), '1\n')
  t.equal(await run({ exe: 'cat', stdin }, folder), stdin)
  t.equal(await run({ exe: 'printf', args: ['<%s>', '$0 "$@"'], stdin }, folder), '<$0 "$@">')
})

t.test("the launcher's variables come before the job's own; secrets refer to the Secret", async t => {
  t.strictSame(containerEnvironment({
    id: 'x',
    submission: {
      name: 'n',
      environment: [{ name: 'A', value: '$(HOME) $$ $' }, { name: 'JOB_PORT', value: 'mine' }],
      secrets: [{ name: 'JOB_LAUNCHER_JOB_ID', value: 's' }, { name: 'TOKEN', value: 's' }],
      exposedPorts: [{ targetPort: 8080 }, { targetPort: 53, protocol: 'UDP' }]
    }
  }), [
    { name: 'JOB_PORT', value: '8080' },
    { name: 'JOB_PORT_0', value: '8080' },
    { name: 'JOB_PORT_1', value: '53' },
    { name: 'JOB_LAUNCHER_JOB_ID', value: 'x' },
    { name: 'A', value: '$$(HOME) $$$$ $$' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'job-x', key: secretKey(1) } } }
  ])
})

t.test("the variables of an array come before the job's own, which cannot replace them", async t => {
  const environment = [{ name: 'JOB_ARRAY_INDEX', value: '9' }, { name: 'A', value: 'a' }]
  const array = { id: 'y', index: 2, count: 3 }
  t.strictSame(containerEnvironment({ id: 'x', submission: { name: 'n', environment }, array }), [
    { name: 'JOB_ARRAY_ID', value: 'y' },
    { name: 'JOB_ARRAY_INDEX', value: '2' },
    { name: 'JOB_ARRAY_COUNT', value: '3' },
    { name: 'JOB_LAUNCHER_JOB_ID', value: 'x' },
    { name: 'A', value: 'a' }
  ])
})

t.test('any value of a variable arrives unchanged', async () => {
  const value = fc.string({ unit: fc.constantFrom('$', '(', ')', 'H', 'O', 'M', 'E') })
  fc.assert(fc.property(value, value => {
    const submission = { name: 'n', environment: [{ name: 'A', value }] }
    const [, variable] = containerEnvironment({ id: 'x', submission })
    return expand(variable!.value!, { HOME: 'expanded' }) === value
  }))
})
