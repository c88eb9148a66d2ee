import t from 'tap'
import { describeExit, startChild, type ChildOptions } from '../../../launcher/supervise/child.ts'
import type { LogLine } from '../../../launcher/supervise/log-line.ts'

function start (script: string, options: Partial<ChildOptions> = {}) {
  return startChild({ command: ['/bin/sh', '-c', script], readyMs: 30_000, log: () => {}, ...options })
}

const READY = 'echo \'{"event":"ready","address":"/a"}\';'

t.test('a child is ready after its ready line, and ends with its standard input', async t => {
  const child = start(`${READY} cat`)
  t.match(await child.ready, { address: '/a' })
  t.same(await child.stop(30_000), { code: null, signal: 'SIGTERM' })
})

t.test('a child that only watches its standard input ends with it', async t => {
  const child = start(`trap "" TERM; ${READY} cat; exit 5`)
  await child.ready
  t.same(await child.stop(30_000), { code: 5, signal: null })
})

t.test('a child that does not end is killed after the deadline', async t => {
  const child = start(`trap "" TERM; ${READY} while :; do sleep 0.1; done`)
  await child.ready
  t.same(await child.stop(50), { code: null, signal: 'SIGKILL' })
})

t.test('the failed line is the error, whatever the exit code', async t => {
  const child = start('echo \'{"event":"failed","code":"ConfInvalid","message":"line 3"}\'; exit 78')
  await t.rejects(child.ready, { code: 'ConfInvalid', message: 'line 3' })
  t.same(await child.exited, { code: 78, signal: null })
})

t.test('an end without a line describes how the child ended', async t => {
  await t.rejects(start('exit 7').ready, {
    code: 'LauncherExited',
    message: 'the launcher ended before it was ready: exit code 7',
    details: { exitCode: 7 }
  })
  await t.rejects(start('kill -9 $$').ready, { message: /signal SIGKILL/ })
})

t.test('a program that does not exist is named', async t => {
  const child = start('', { command: ['/nowhere/job-launcher'] })
  await t.rejects(child.ready, { code: 'LauncherExited', message: /\/nowhere\/job-launcher ENOENT/ })
  t.same(await child.stop(1000), { code: null, signal: null })
})

t.test('a child that writes no line within the deadline is killed', async t => {
  const child = start('exec cat', { readyMs: 50 })
  await t.rejects(child.ready, {
    code: 'LauncherExited',
    message: 'the launcher was not ready within 0.05 s, so it was killed'
  })
  t.same(await child.exited, { code: null, signal: 'SIGKILL' })
})

t.test('every line of the log is passed on before the child counts as ended', async t => {
  const lines: LogLine[] = []
  const child = start(
    'i=0; while [ $i -lt 200 ]; do echo "{\\"level\\":30,\\"msg\\":\\"$i\\"}" >&2; i=$((i+1)); done; printf ' +
    'unfinished >&2',
    { log: line => lines.push(line) }
  )
  await child.exited
  t.equal(lines.length, 201)
  t.same(lines.at(-1), { level: 50, msg: 'unfinished' })
})

t.test('an exit is described in words', async t => {
  t.equal(describeExit({ code: 3, signal: null }), 'exit code 3')
  t.equal(describeExit({ code: null, signal: 'SIGSEGV' }), 'signal SIGSEGV')
})
