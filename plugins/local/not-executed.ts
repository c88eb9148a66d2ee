// The end of the launch script, which executes the program. If the system does not, it tries again while the file is
// busy, or reports why not. Pure.

import { quote } from '../../launcher/plugin-kit/shell-quote.ts'
import type { Reason } from '../../launcher/plugin.ts'

/** Reasons that the script reports after it has tried to execute the program. */
export const NOT_EXECUTED: readonly Reason[] = [
  'InterpreterNotFound', 'ExecFormatError', 'ExecutableNotFound', 'StartFailed'
]
/** Exit codes of a shell that could not execute its program. */
export const NOT_EXECUTED_CODES: readonly number[] = [126, 127]
/** Reported once the system has not executed the program. `run` follows before another try, or `failed REASON`. */
export const NOT_RUN = 'not-run'

/** Bytes of the program's first line in a report. */
const FIRST_LINE_BYTES = 160
/** Pauses, in seconds, before the script tries again to execute a program that may be busy. */
const PAUSES_SECONDS = [0.1, 0.2, 0.5, 1.2]

/** `call` calls FUNCTION with the arguments of the program. */
function lastLines (call: string): string {
  return `trap '${call.replace('FUNCTION', 'job_not_executed')}' EXIT
if [ "\${BASH_VERSION:-}" ]; then shopt -s execfail; fi
${call.replace('FUNCTION', 'job_execute')}
${call.replace('FUNCTION', 'job_not_executed')}`
}

/** A script with the program, the pauses that are left, the text of `FUNCTIONS`, and the arguments of the program. */
const AGAIN = `job_exe=$1 job_pauses=$2 job_functions=$3
shift 3
eval "$job_functions"
${lastLines('FUNCTION "$@"')}`

/**
 * Functions that execute the program `job_exe` with their arguments, and that report why the system did not: descriptor
 * 3 receives `failed REASON`, and after InterpreterNotFound the first line of a script. `job_pauses` are the pauses
 * that are left, and `job_functions` is this text.
 *
 * - Descriptors 3 and 8 are closed for a block instead of for `exec`: the shell keeps copies that no program inherits,
 *   and restores them if `exec` fails.
 * - dash and busybox then run the trap and end; bash drops the trap, and goes on. A trap runs once, so a new shell
 *   tries again.
 * - The shell ends with 127 if a file is missing, which is the interpreter if the program is there, and with 126 after
 *   any other failure. If the format is the machine's own, the file may be busy: a process writes it.
 * - /proc/self/exe is a program of this machine. Bytes 18 and 19 of a program name the kind of machine.
 */
const FUNCTIONS = `job_again=${quote(AGAIN)}
job_execute () { { exec "$job_exe" "$@"; } 3>&- 8<&-; }
job_machine () { /usr/bin/head -c 20 < "$1" 2> /dev/null | /usr/bin/tail -c 2 | /usr/bin/od -A n -t x1; }
job_why_not () {
  job_reason=StartFailed
  job_line=
  if [ -r "$job_exe" ]; then
    job_line=$(/usr/bin/head -c ${FIRST_LINE_BYTES} < "$job_exe" | /usr/bin/tr -d '\\000')
    job_line=\${job_line%%"
"*}
  fi
  case $job_line in '#!'*) ;; *) job_line= ;; esac
  job_interpreter=\${job_line#'#!'}
  job_interpreter=\${job_interpreter#"\${job_interpreter%%[! ]*}"}
  job_interpreter=\${job_interpreter%% *}
  if [ "$1" = 127 ]; then
    if [ -e "$job_exe" ]; then job_reason="InterpreterNotFound $job_line"; else job_reason=ExecutableNotFound; fi
  elif [ "$job_line" ]; then
    { [ -f "$job_interpreter" ] && [ -x "$job_interpreter" ]; } || job_reason="InterpreterNotFound $job_line"
  else
    case $(job_machine "$job_exe") in
      '' | "$(job_machine /proc/self/exe)") ;;
      *) job_reason=ExecFormatError ;;
    esac
  fi
}
job_not_executed () {
  job_code=$?
  trap - EXIT
  case $job_code in ${NOT_EXECUTED_CODES.join(' | ')}) ;; *) exit "$job_code" ;; esac
  echo ${NOT_RUN} >&3
  job_why_not "$job_code"
  if [ "$job_reason" = StartFailed ] && [ "$job_pauses" ]; then
    /bin/sleep "\${job_pauses%% *}"
    echo run >&3
    case $job_pauses in *' '*) job_pauses=\${job_pauses#* } ;; *) job_pauses= ;; esac
    exec /bin/sh -c -- "$job_again" sh "$job_exe" "$job_pauses" "$job_functions" "$@"
  fi
  echo "failed $job_reason" >&3
  exit "$job_code"
}`

/** Yields the lines that execute the program `job_exe`. */
export function * executePieces (args: readonly string[]): Generator<string> {
  yield `job_pauses=${quote(PAUSES_SECONDS.join(' '))}\njob_functions=${quote(FUNCTIONS)}\neval "$job_functions"\n`
  // The arguments are in the text once: a trap of a sourced script has the positional parameters of another.
  yield 'job_with_arguments () { "$@"'
  for (const argument of args) yield ` ${quote(argument)}`
  yield `; }\n${lastLines('job_with_arguments FUNCTION')}`
}
