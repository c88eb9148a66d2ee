import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import t from 'tap'
import { isOfShell, isPassedOn } from '../../../launcher/plugin-kit/shell-variables.ts'

const SHELLS = [['/bin/dash'], ['/bin/bash'], ['/bin/bash', '--posix'], ['/bin/busybox', 'sh']]
  .filter(([path]) => existsSync(path!))
const NAMES = [
  'A', 'a_1', '_X', 'TERM', 'UID', 'RANDOM', 'HOSTNAME', 'LC_ALL', 'MAIL', 'GROUPS', 'FUNCNAME', 'SECONDS', 'A.B',
  'A-B', '_', 'IFS', 'OPTIND', 'OPTERR', 'PPID', 'PS1', 'PS4', 'PWD', 'OLDPWD', 'SHLVL', 'LINENO', 'SHELLOPTS',
  'BASHOPTS', 'BASH_X', 'EPOCHSECONDS', 'POSIXLY_CORRECT'
]

t.test('every shell passes on what counts as passed on', async t => {
  for (const [path, ...options] of SHELLS) {
    const env = Object.fromEntries(NAMES.filter(isPassedOn).map(name => [name, '7']))
    const { stdout } = spawnSync(path!, [...options, '-c', '/usr/bin/env -0'], {
      // bash reads its start files if its standard input is a socket.
      env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']
    })
    const seen = stdout.split('\0')
    for (const name of Object.keys(env)) t.ok(seen.includes(`${name}=7`), `${path} ${options} ${name}`)
  }
})

t.test('some shell drops or sets what does not count as passed on', async t => {
  for (const name of ['A.B', 'A-B', '1A', '']) t.notOk(isPassedOn(name) || isOfShell(name), name)
  for (const name of ['_', 'IFS', 'PWD', 'OLDPWD', 'SHLVL', 'PS1', 'BASH_X', 'LINENO']) {
    t.ok(isOfShell(name) && !isPassedOn(name), name)
  }
})
