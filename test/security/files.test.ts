// The launcher's files are accessible to its own user only, whatever its umask. No other user of the machine and no job
// can access them.

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownUserName } from '../../launcher/lib/users.ts'
import { place, start, type Place, type Running } from '../e2e/launcher-process.ts'

const NOBODY = { name: 'nobody', uid: 65_534, gid: 65_534 }
const isRoot = process.getuid!() === 0
const noOtherUser = isRoot ? false : 'only root can act as another user'

function entriesOf (folder: string): string[] {
  return [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name))]
}

/** A launcher started with a umask of 0 in a folder that every user may enter, with a job that has ended. */
async function startOpenly (
  t: Test,
  settings: Record<string, string> = {},
  options: Parameters<typeof start>[2] = {}
): Promise<{ here: Place; running: Running; id: string }> {
  const here = place(t, settings)
  chmodSync(here.folder, 0o755)
  const before = process.umask(0)
  t.teardown(() => { process.umask(before) })
  const running = await start(t, here, options)
  process.umask(before)
  const { id } = await here.client.submit({
    name: 'files',
    user: ownUserName(),
    command: 'cat; echo "$TOKEN"; umask',
    stdin: 'in',
    secrets: [{ name: 'TOKEN', value: 'canary-of-files' }]
  })
  await here.client.ended(id)
  return { here, running, id }
}

t.test(
  "under a umask of 0 all files are the launcher's alone, and conf files at most its group's",
  async t => {
    const { here, running } = await startOpenly(t, isRoot ? { ServerUser: ownUserName() } : {})
    const { id } = await here.client.submit({
      name: 'another',
      ...(isRoot ? { user: NOBODY.name } : {}),
      command: 'umask; exec sleep 1000',
      stdin: 'in'
    })
    for await (const job of here.client.events({ id })) if (job.status === 'Running') break
    running.child.kill('SIGHUP')
    for (const path of entriesOf(here.scratchPath)) {
      const { mode, uid } = statSync(path)
      t.equal(mode & 0o077, 0, path)
      const isJobs = path.includes(id) && /\/(stdin|stdout|stderr|report)$/.test(path)
      t.equal(uid, isRoot && isJobs ? NOBODY.uid : process.getuid!(), path)
    }
    t.ok(statSync(here.socket).isSocket())
    for (const path of entriesOf(here.configDir)) t.equal(statSync(path).mode & 0o027, 0, path)
    let output = ''
    for await (const piece of here.client.output(id, { stream: 'stdout', follow: true })) {
      output += Buffer.from(piece).toString()
      if (output.includes('\n')) break
    }
    t.match(output, /^0?022\n/, 'the job has a usual umask')
    await here.client.control(id, 'kill')
    await here.client.ended(id)
  }
)

t.test(
  'the socket and the scratch path are given to the user of the host, and nothing else',
  { skip: noOtherUser },
  async t => {
    const { here } = await startOpenly(t, { ServerUser: NOBODY.name })
    for (const path of entriesOf(here.scratchPath)) {
      const given = path === here.socket || path === here.scratchPath
      t.match(statSync(path), { uid: given ? NOBODY.uid : 0 }, path)
    }
    t.equal(statSync(here.socket).mode & 0o777, 0o600)
  }
)

t.test(
  "another user of the machine can neither connect nor read the key, a job's output or the conf files",
  { skip: noOtherUser },
  async t => {
    const { here, id } = await startOpenly(t)
    const control = join(here.folder, 'readable')
    writeFileSync(control, 'read it', { mode: 0o644 })
    const output = join(here.scratchPath, 'Local', 'jobs', id, 'stdout')
    t.match(readFileSync(output, 'utf8'), 'canary-of-files')
    const paths = [
      control, join(here.scratchPath, 'launcher.key'), join(here.scratchPath, 'jobs.db'), output,
      join(here.configDir, 'launcher.conf'), here.scratchPath
    ]
    const tries = `
    const fs = require('node:fs')
    const results = {}
    for (const path of ${JSON.stringify(paths)}) {
      try { results[path] = fs.readFileSync(path, 'utf8') } catch (error) { results[path] = error.code }
    }
    const socket = require('node:net').connect(${JSON.stringify(here.socket)})
    socket.on('connect', () => { results.socket = 'connected'; socket.destroy() })
    socket.on('error', error => { results.socket = error.code })
    socket.on('close', () => console.log(JSON.stringify(results)))`
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', tries], {
      uid: NOBODY.uid,
      gid: NOBODY.gid,
      cwd: '/',
      env: {},
      encoding: 'utf8'
    })
    t.equal(stderr, '')
    const results = JSON.parse(stdout)
    t.equal(results[control], 'read it', 'the process can read a file that all users may read')
    delete results[control]
    t.strictSame([...new Set(Object.values(results))], ['EACCES'], JSON.stringify(results))
  }
)

t.test(
  "a job sees no environment or descriptor of the launcher, and another user's job no other file",
  async t => {
    const {
      here,
      running,
      id: other
    } = await startOpenly(t, {}, { env: { LAUNCHER_CANARY: 'canary-of-the-environment' }, descriptors: 3 })
    const { pid } = running
    const job = join(here.scratchPath, 'Local', 'jobs', other)
    const commands = [
      'env',
      'ls -l /proc/self/fd',
      `cat /proc/${pid}/environ`,
      `ls /proc/${pid}/fd/`,
      `cat ${here.scratchPath}/launcher.key`,
      `cat ${job}/stdout`,
      `cat ${job}/launch`,
      'pwd',
      'ls'
    ]
    const { id } = await here.client.submit({
      name: 'reads files',
      ...(isRoot ? { user: NOBODY.name } : {}),
      command:
        'exec 2>&1; ' +
        commands
          .slice(0, isRoot ? undefined : 2)
          .map(command => `${command}; echo "$?"`)
          .join('; ')
    })
    await here.client.ended(id)
    const output = []
    for await (const piece of here.client.output(id, { stream: 'stdout' })) output.push(piece)
    const text = Buffer.concat(output).toString()
    t.notMatch(text, /canary/)
    t.notOk(text.includes(readFileSync(join(here.scratchPath, 'launcher.key'), 'utf8').trim()))
    const names = Array.from(text.split('\n0\n')[0]!.matchAll(/^(\w+)=/gm), match => match[1]!).sort()
    t.strictSame(names, ['HOME', 'JOB_LAUNCHER_JOB_ID', 'LANG', 'LOGNAME', 'PATH', 'PWD', 'SHELL', 'USER'])
    const descriptors = Array.from(text.matchAll(/ (\d+) -> (\S+)/g), match => match.slice(1))
    t.strictSame(
      descriptors.map(([number]) => number),
      ['0', '1', '2', '3'],
      'the last is the one that ls reads the folder with'
    )
    t.match(descriptors[3]![1], /^\/proc\/\d+\/fd$/)
    if (isRoot) t.equal(text.match(/Permission denied/g)?.length, 5, text)
  }
)

t.test(
  'output that the program replaced by a link to a foreign file is not read for it',
  { skip: noOtherUser },
  async t => {
    const { here } = await startOpenly(t)
    const secret = join(here.folder, 'secret')
    writeFileSync(secret, 'canary of root', { mode: 0o600 })
    for (const [what, trick] of Object.entries({
      'a link': `ln -sf ${secret} "$F"`,
      'a link to a folder that leads there': `mkdir -p "$F.d" && ln -sf ${here.folder} "$F.d/l" && rm -f "$F" && ln ` +
        '-s "$F.d/l/secret" "$F"',
      'a hard link': `rm -f "$F"; ln ${secret} "$F" || ln -s ${secret} "$F"`,
      'a named pipe': 'rm -f "$F"; mkfifo "$F"',
      'a folder': 'rm -f "$F"; mkdir "$F"',
      'a link to a device': 'ln -sf /dev/zero "$F"',
      'a link to its own descriptor': 'ln -sf /proc/self/fd/0 "$F"'
    })) {
      const file = `/tmp/jl-trick-${process.pid}`
      const { id } = await here.client.submit({
        name: 'trick',
        user: NOBODY.name,
        command: trick,
        stdoutFile: file,
        environment: [{ name: 'F', value: file }]
      })
      t.match(await here.client.ended(id), { status: 'Finished' }, what)
      await t.rejects(
        async () => {
          for await (const piece of here.client.output(id, { stream: 'stdout' })) t.fail(`${what}: ${String(piece)}`)
        },
        { code: 'OutputNotReadable' },
        what
      )
      spawnSync('rm', ['-rf', file, `${file}.d`])
    }
  }
)
