// Makes the program of a job write its output to files in the host's data. A shell opens them and becomes the program:
// no process stands between the program and its files. Pure.

import { join } from 'node:path'
import type { V1Container } from '@kubernetes/client-node'
import { quote } from '../../../launcher/plugin-kit/shell-quote.ts'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import type { DataFolder } from '../config/data-folder.ts'
import { PROCESS_LOGS_FOLDER } from '../metadata/names.ts'
import { SCRIPT_MESSAGE } from '../metadata/script-message.ts'
import { literalCommand } from './container-command.ts'
import { DATA_VOLUME, type DataMount } from './data-mounts.ts'
import { NO_PART, type PodPart } from './pod-part.ts'

/** Where the script reports why it did not become the program. */
const TERMINATION_LOG = '/dev/termination-log'
/** Exit code of the container if its files cannot be opened. The message, not the code, identifies the failure. */
const FILES_FAILED = 125
/** Bytes of a program whose interpreter is missing that the script reports. */
const FIRST_LINE_BYTES = 160
/** How often the script looks for the files, one second apart. */
const LOOKS = 6

interface Settings {
  readonly data?: DataFolder
  readonly processLogs?: string
  readonly scriptToken?: string
}

/** The pod mounts the job's own folder, and no other part of the process logs. */
export function processLogParts (
  { data, processLogs }: Settings,
  dataMounts: readonly DataMount[] = []
): PodPart {
  if (data === undefined || processLogs === undefined) return NO_PART
  return {
    initContainers: [],
    volumes: isSharedWith(dataMounts, data) ? [] : [{ name: DATA_VOLUME, ...data.source }],
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: PROCESS_LOGS_FOLDER, subPath: join(data.subPath ?? '', processLogs) }
    ]
  }
}

/** Whether data mounts of the job have the same volume. */
function isSharedWith (dataMounts: readonly DataMount[], { apartFrom }: DataFolder): boolean {
  return dataMounts.length > 0 && apartFrom === undefined
}

/** The files that the job chose, as paths in its container. They need not exist. */
export type ChosenFiles = Pick<JobSubmission, 'stdoutFile' | 'stderrFile'>

/** `program` must have a command: only the image knows its own program. */
export function withProcessLogs (
  program: Pick<V1Container, 'command'>,
  { data, processLogs, scriptToken }: Settings,
  chosen: ChosenFiles = {}
): Pick<V1Container, 'command' | 'terminationMessagePath' | 'terminationMessagePolicy'> {
  if (data === undefined || processLogs === undefined) return program
  return {
    command: [
      ...literalCommand(['/bin/sh', '-c', '--', scriptFor(processLogs, chosen, scriptToken), 'sh']).command!,
      ...program.command!
    ],
    // A base manifest must not move the message of the script.
    terminationMessagePath: TERMINATION_LOG,
    terminationMessagePolicy: 'File'
  }
}

/**
 * A sub-path that does not exist becomes an empty folder, and listing it makes an NFS client query its server again.
 *
 * - A shell that opens a FIFO waits for a reader, and reports nothing.
 * - `true` and not `:` or `exec` opens the files first: a shell exits if a redirection of a special builtin fails.
 * - Variables that shells set are removed; bash still sets SHLVL=0.
 * - Only `--` makes a name that begins with - no option, and old versions of dash and busybox do not support it.
 * - The shells close for the program what they opened.
 * - If the program cannot be executed, dash and busybox run the trap and end. Bash drops the trap, and goes on.
 */
function scriptFor (folder: string, { stdoutFile, stderrFile }: ChosenFiles, token?: string): string {
  const report = token === undefined ? SCRIPT_MESSAGE : `${SCRIPT_MESSAGE}${token} `
  const own = [
    ...(stdoutFile === undefined ? ['stdout'] : []),
    ...(stderrFile === undefined ? ['stderr'] : [])
  ]
  const stdout = quote(stdoutFile ?? `${PROCESS_LOGS_FOLDER}/stdout`)
  const stderr = quote(stderrFile ?? `${PROCESS_LOGS_FOLDER}/stderr`)
  const exist = own.map(name => `[ -f ${PROCESS_LOGS_FOLDER}/${name} ]`).join(' && ') || 'true'
  const place = folder.replaceAll(/\p{Cc}/gu, '?')
  const places = [stdoutFile ?? `${place}/stdout`, stderrFile ?? `${place}/stderr`]
  const notice = `job-launcher: the output is in the data of the host: ${places.join(' and ')}`
  const open = Object.entries({ stdout, stderr }).map(([stream, path]) => `
if [ -p ${path} ]; then
  printf '%s%s: %s' "${report}not-writable ${stream} " ${path} 'is a FIFO' > ${TERMINATION_LOG}
  exit ${FILES_FAILED}
fi
if ! { true >> ${path}; }; then
  printf %s "${report}not-writable ${stream} $( { true >> ${path}; } 2>&1)" > ${TERMINATION_LOG}
  exit ${FILES_FAILED}
fi`)
  return `
for job_launcher_looks in ${[...Array(LOOKS).keys()].reverse().join(' ')}; do
  if ${exist}; then break; fi
  if [ "$job_launcher_looks" = 0 ]; then
    printf %s '${report}missing' > ${TERMINATION_LOG}
    exit ${FILES_FAILED}
  fi
  trap 'exit 143' TERM
  ls ${PROCESS_LOGS_FOLDER} > /dev/null 2>&1
  sleep 1
done
trap - TERM${open.join('')}
printf '%s\\n' ${quote(notice)}
unset PWD OLDPWD SHLVL _ job_launcher_looks
case $1 in -*) set -- -- "$@" ;; esac
job_launcher_exe=$1
if [ "$1" = -- ]; then job_launcher_exe=$2; fi
job_launcher_end () {
  set -- $?
  trap - EXIT
  printf %s "${SCRIPT_MESSAGE}not-executed $1" > ${TERMINATION_LOG}
  if [ "$1" = 127 ] && [ -f "$job_launcher_exe" ]; then
    printf ' found ' >> ${TERMINATION_LOG}
    { head -c ${FIRST_LINE_BYTES} "$job_launcher_exe" | tr -d '\\000' >> ${TERMINATION_LOG}; } 2> /dev/null
  fi
  exit $1
}
trap job_launcher_end EXIT
if [ "\${BASH_VERSION:-}" ]; then shopt -s execfail; fi
exec "$@" >> ${stdout} 2>> ${stderr}
job_launcher_end`
}
