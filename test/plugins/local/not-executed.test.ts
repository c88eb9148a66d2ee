import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { launchScript } from '../../../plugins/local/launch-script.ts'

const NOTHING = openSync('/dev/null', 'r')
const STDIO = ['pipe', 'pipe', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', NOTHING] as const
/** The beginning of a report of a program that was not executed. */
const FAILED = 'run\nnot-run\nfailed'
const shells: Array<[string, string[]]> = ([
  ['/bin/dash', []], ['/bin/busybox', ['ash']], ['/bin/bash', ['--posix']]
] satisfies Array<[string, string[]]>).filter(([path]) => existsSync(path))

const scriptOf = (exe: string, args: string[] = []): string => launchScript({
  id: '0'.repeat(26),
  submission: { name: 'x', exe, args },
  account: { name: 'alice', home: '/', shell: '/bin/sh' },
  ports: []
})

/** The programs that a system does not execute, by what the report says of them. */
function programs (t: Test): Record<string, string> {
  const folder = t.testdir({
    crlf: '#!/bin/sh\r\necho hi\r\n',
    missing: '#!  /no/such/interpreter -x\nhi\n',
    locked: '#!/etc/passwd\nhi\n',
    folder: '#!/tmp\nhi\n',
    text: 'echo "$1"\n'
  })
  // A copy of a program of this system, of which one field differs.
  const program = readFileSync('/bin/true')
  const otherMachine = Buffer.from(program)
  otherMachine.writeUInt16LE(0xf3 ^ program.readUInt16LE(18), 18)
  writeFileSync(join(folder, 'machine'), otherMachine)
  const loader = program.indexOf('/lib')
  const otherLoader = Buffer.from(program)
  otherLoader.write('/bil', loader)
  writeFileSync(join(folder, 'loader'), otherLoader)
  writeFileSync(join(folder, 'nested'), `#!${join(folder, 'missing')}\n`)
  const names = ['crlf', 'missing', 'locked', 'folder', 'nested', 'text', 'machine', 'loader']
  for (const name of names) chmodSync(join(folder, name), 0o755)
  return Object.fromEntries(names.map(name => [name, join(folder, name)]))
}

for (const [shell, options] of shells) {
  const run = (exe: string, args?: string[]) => {
    const { status, stdout, output } = spawnSync(shell, [...options, '-s'], {
      input: scriptOf(exe, args), env: {}, stdio: [...STDIO], encoding: 'utf8'
    })
    return { status, stdout, report: output[3] }
  }

  t.test(`${shell}: a report says why the system did not execute a program`, { timeout: 30_000 }, async t => {
    const { crlf, missing, locked, folder, nested, text, machine, loader } = programs(t)
    t.strictSame(run(crlf!), { status: 127, stdout: '', report: `${FAILED} InterpreterNotFound #!/bin/sh\r\n` })
    t.match(run(missing!), { status: 127, report: `${FAILED} InterpreterNotFound #!  /no/such/interpreter -x\n` })
    t.match(run(locked!), { status: 126, report: `${FAILED} InterpreterNotFound #!/etc/passwd\n` })
    t.match(run(folder!), { status: 126, report: `${FAILED} InterpreterNotFound #!/tmp\n` })
    t.match(run(nested!), { status: 127, report: `${FAILED} InterpreterNotFound #!${missing}\n` })
    t.match(run(loader!), { status: 127, report: /^run\nnot-run\nfailed InterpreterNotFound ?\n$/ })
    t.match(run(text!, ['hi']), { status: 0, stdout: 'hi\n', report: 'run\n' }, 'a shell runs a file without #!')
    // busybox takes every file that is no program of this machine for a script.
    if (!shell.endsWith('busybox')) t.match(run(machine!), { status: 126, report: `${FAILED} ExecFormatError\n` })
  })

  t.test(`${shell}: a program that is executed gets no descriptor of the script`, async t => {
    const { stdout, report } = run('/bin/ls', ['/proc/self/fd'])
    t.equal(report, 'run\n')
    // ls opens the folder as 3. High descriptors are those of the test.
    t.strictSame(stdout.split('\n').filter(text => text !== '' && Number(text) < 100).sort(), ['0', '1', '2', '3'])
  })

  t.test(`${shell}: a program that a process still writes is tried again`, { timeout: 30_000 }, async t => {
    const program = join(t.testdir(), 'echo')
    copyFileSync('/bin/echo', program)
    const writer = openSync(program, 'r+')
    const child = spawn(shell, [...options, '-s'], { env: {}, stdio: [...STDIO] })
    const output = { stdout: '', stderr: '', report: '' }
    child.stdout!.on('data', text => { output.stdout += text })
    child.stdio[3]!.on('data', text => { output.report += text })
    child.stderr!.on('data', text => {
      if (output.stderr === '') closeSync(writer)
      output.stderr += text
    })
    const ended = new Promise(resolve => child.on('close', resolve))
    child.stdin!.end(scriptOf(program, ['a b', '*']))
    t.equal(await ended, 0)
    t.match(output, { stdout: 'a b *\n', stderr: /[Tt]ext file busy/, report: /^run\n(?:not-run\nrun\n)+$/ })
  })

  t.test(`${shell}: a program that stays busy is reported after a few tries`, { timeout: 30_000 }, async t => {
    const program = join(t.testdir(), 'echo')
    copyFileSync('/bin/echo', program)
    const writer = openSync(program, 'r+')
    t.match(run(program), {
      status: 126, stdout: '', report: `${'run\nnot-run\n'.repeat(5)}failed StartFailed\n`
    })
    closeSync(writer)
  })
}
