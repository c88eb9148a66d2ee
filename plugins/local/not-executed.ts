// The end of the launch script, which executes the program. If the system does not, it tries again while the file is
// busy, or reports why not. Pure.

import type { Reason } from '../../launcher/plugin.ts'

/** Reasons that the script reports after it has tried to execute the program. */
export const NOT_EXECUTED: readonly Reason[] = ['InterpreterNotFound', 'ExecFormatError', 'StartFailed']
/** Exit codes of a shell that could not execute its program. */
export const NOT_EXECUTED_CODES: readonly number[] = [126, 127]

/** Bytes of the program's first line in a report. */
const FIRST_LINE_BYTES = 160
/** How often the script tries to execute a program that may be busy, and the pause between two tries. */
const TRIES = 10
const PAUSE_SECONDS = 0.2

/**
 * A script with these positional parameters: the number of this try, the program, the text of this script, and the
 * arguments of the program, which it executes. If that fails, descriptor 3 receives `failed REASON`, and after
 * InterpreterNotFound the first line of a script.
 *
 * - Descriptors 3 and 8 are closed for a block instead of for `exec`: the shell keeps copies that no program inherits,
 *   and restores them if `exec` fails.
 * - dash and busybox then run the trap and end; bash drops the trap, and goes on. A trap runs once, so a new shell
 *   tries again.
 * - The shell ends with 127 if a file is missing, which is the interpreter because the program was found, and with 126
 *   after any other failure. If the format is the machine's own, the file may be busy: a process writes it.
 * - /proc/self/exe is a program of this machine. Bytes 18 and 19 of a program name the kind of machine.
 */
export const EXECUTE_SCRIPT = `job_try=$1 job_exe=$2 job_script=$3
shift 3
job_line_end='
'
job_machine () { /usr/bin/head -c 20 < "$1" 2> /dev/null | /usr/bin/tail -c 2 | /usr/bin/od -A n -t x1; }
job_not_executed () {
  job_code=$?
  trap - EXIT
  case $job_code in ${NOT_EXECUTED_CODES.join(' | ')}) ;; *) exit "$job_code" ;; esac
  job_line=$(/usr/bin/head -c ${FIRST_LINE_BYTES} < "$job_exe" 2> /dev/null | /usr/bin/tr -d '\\000')
  job_line=\${job_line%%"$job_line_end"*}
  job_reason=StartFailed
  case $job_line in
    '#!'*)
      job_interpreter=\${job_line#'#!'}
      job_interpreter=\${job_interpreter#"\${job_interpreter%%[! ]*}"}
      [ -x "\${job_interpreter%% *}" ] || job_reason="InterpreterNotFound $job_line" ;;
    *)
      if [ "$job_code" = 127 ]; then job_reason=InterpreterNotFound; fi
      case $(job_machine "$job_exe") in
        '' | "$(job_machine /proc/self/exe)") ;;
        *) job_reason=ExecFormatError ;;
      esac ;;
  esac
  if [ "$job_code" = 126 ] && [ "$job_reason" = StartFailed ] && [ "$job_try" -lt ${TRIES} ]; then
    /bin/sleep ${PAUSE_SECONDS}
    exec /bin/sh -c -- "$job_script" sh $((job_try + 1)) "$job_exe" "$job_script" "$@"
  fi
  echo "failed $job_reason" >&3
  exit "$job_code"
}
trap 'job_not_executed "$@"' EXIT
if [ "\${BASH_VERSION:-}" ]; then shopt -s execfail; fi
{ exec "$job_exe" "$@"; } 3>&- 8<&-
job_not_executed "$@"`
