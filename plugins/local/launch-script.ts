// Builds the shell script that becomes the job's program: environment, folder, files, limits, exec. Pure.

import { quote } from '../../launcher/plugin-kit/shell-quote.ts'
import { launcherVariables, withReferences, type JobArray, type JobSubmission } from '../../launcher/plugin.ts'
import { executePieces } from './not-executed.ts'

export interface Launch {
  readonly id: string
  readonly submission: JobSubmission
  readonly array?: JobArray
  readonly account: { readonly name: string, readonly home: string, readonly shell: string }
  /** Port of each exposed port, in order. */
  readonly ports: readonly number[]
}

/** The end of a reported line if the job's user cannot enter the home folder. */
export const WITHOUT_HOME = ' without-home'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Names that some shell reserves, or that would change what the script does before it executes the program.
 */
const TAKEN_BY_SHELLS =
  /^(BASH.*|COPROC|CDPATH|DIRSTACK|ENV|EPOCH(REALTIME|SECONDS)|E?UID|FUNCNAME|GLOBIGNORE|GROUPS|HIST.*|HOSTNAME|IFS|LC_.*|LINENO|MAIL(CHECK|PATH)?|OLDPWD|OPT(ARG|ERR|IND)|PIPESTATUS|POSIXLY_CORRECT|PPID|PS[0-9]|PWD|RANDOM|SECONDS|SHELLOPTS|SHLVL|SRANDOM|TIMEFORMAT|TMOUT|_|job_.*)$/

/**
 * Whether a shell can export the variable. `env` receives the others as arguments, which every user can see for a
 * moment.
 */
export function isShellName (name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !TAKEN_BY_SHELLS.test(name)
}

/** Environment of the program: the launcher's defaults, then the submission's, then what only the launcher knows. */
export function jobEnvironment (launch: Launch): Map<string, string> {
  const { submission, account } = launch
  return new Map([
    ['PATH', DEFAULT_PATH],
    ['HOME', account.home],
    ['USER', account.name],
    ['LOGNAME', account.name],
    ['SHELL', account.shell],
    ['LANG', 'C.UTF-8'],
    ...[...submission.environment ?? [], ...submission.secrets ?? []].map(({ name, value }) => [name, value] as const),
    ...launcherVariables(launch)
  ])
}

/** Returns the whole of `launchPieces`. */
export function launchScript (launch: Launch): string {
  return [...launchPieces(launch)].join('')
}

/**
 * Yields the script, in pieces that take a few milliseconds at most. It runs as the job's user; the shell reads it from
 * standard input or with `.`. Standard output and error are open. Descriptor 3 receives one line: `failed REASON`, or
 * `run` right before the program is executed. If that fails, `failed REASON` follows. Descriptor 7 is the program's
 * standard input. The program inherits none of 3, 7 and 8. The braces make the shell read the whole script before it
 * replaces its standard input. For any POSIX sh.
 */
export function * launchPieces (launch: Launch): Generator<string> {
  const { account } = launch
  const submission = withReferences(launch.submission, launcherVariables(launch))
  const environment = [...jobEnvironment({ ...launch, submission })]
  const exported = environment.filter(([name]) => isShellName(name))
  const throughEnv = environment.filter(([name]) => !isShellName(name))
  yield [
    '{',
    'umask 022',
    'exec <&7 7<&-',
    'job_home=',
    'job_failed () { echo "failed $1$job_home" >&3; exit 126; }',
    ...cpuTimeLines(submission),
    ...folderLines(submission, account.home),
    ...redirectionLines(submission),
    ''
  ].join('\n')
  for (const [name, value] of exported) yield `export ${name}=${quote(value)}\n`
  yield 'unset OLDPWD\n'
  yield * programPieces(submission, throughEnv.map(([name, value]) => `${name}=${value}`))
  yield '\n}\n'
}

/** At the soft limit the program gets SIGXCPU. At the hard limit, five seconds later, it is killed. */
function cpuTimeLines ({ resourceLimits = [] }: JobSubmission): string[] {
  const seconds = resourceLimits.find(({ type }) => type === 'cpuTime')?.value
  if (seconds === undefined) return []
  const soft = Math.ceil(seconds)
  return [`ulimit -S -t ${soft} && ulimit -H -t ${soft + 5} || job_failed StartFailed`]
}

function folderLines ({ workingDirectory }: JobSubmission, home: string): string[] {
  if (workingDirectory === undefined) {
    return [`cd ${quote(home)} 2> /dev/null || { cd /; job_home='${WITHOUT_HOME}'; }`]
  }
  return [`cd ${quote(workingDirectory)} || job_failed WorkingDirectoryNotFound`]
}

/** `command` keeps the shell alive if it cannot open the file. */
function redirectionLines ({ stdoutFile, stderrFile }: JobSubmission): string[] {
  const lines = []
  if (stdoutFile !== undefined) lines.push(`command exec > ${quote(stdoutFile)} || job_failed OutputFileNotWritable`)
  if (stderrFile !== undefined) {
    lines.push(
      stderrFile === stdoutFile
        ? 'exec 2>&1'
        : `command exec 2> ${quote(stderrFile)} || job_failed OutputFileNotWritable`
    )
  }
  return lines
}

/** Proves that the program was executed. Without this line, an exit code is not the program's. */
const RUN_LINES = ['echo "run$job_home" >&3 || job_failed StartFailed']

function * programPieces ({ command, exe, args = [] }: JobSubmission, assignments: string[]): Generator<string> {
  yield [...(exe === undefined ? [] : lookUpLines(exe)), ...RUN_LINES, ''].join('\n')
  if (exe !== undefined && assignments.length === 0) {
    yield * executePieces(args)
    return
  }
  yield 'exec'
  if (assignments.length > 0) yield ' /usr/bin/env'
  for (const assignment of assignments) yield ` ${quote(assignment)}`
  if (exe === undefined) yield ` /bin/sh -c -- ${quote(args.length === 0 ? command! : `${command} "$@"`)} sh`
  else yield ' "$job_exe"'
  for (const argument of args) yield ` ${quote(argument)}`
  yield ' 3>&- 8<&-'
}

/** Finds the program as exec would, to distinguish "not found" from a program that exits with 127. */
function lookUpLines (exe: string): string[] {
  if (exe.includes('/')) {
    return [`job_exe=${quote(exe)}`, '[ -f "$job_exe" ] && [ -x "$job_exe" ] || job_failed ExecutableNotFound']
  }
  return [
    'job_exe=',
    'set -f',
    'IFS=:',
    'for job_folder in $PATH; do',
    `  job_candidate=\${job_folder:-.}/${quote(exe)}`,
    '  [ -f "$job_candidate" ] && [ -x "$job_candidate" ] && job_exe=$job_candidate && break',
    'done',
    '[ -n "$job_exe" ] || job_failed ExecutableNotFound'
  ]
}
