// Builds what the job's container runs: its command, arguments, environment and standard input.

import type { V1Container, V1EnvVar } from '@kubernetes/client-node'
import { arrayVariables, type Job, type JobSubmission } from '../../../launcher/plugin.ts'
import { objectName, STDIN_FOLDER } from '../metadata/names.ts'

/** Key of the standard input in the Secret, and the name of its file. */
export const STDIN_KEY = 'stdin'

type Program = Pick<V1Container, 'command'>

/**
 * Builds the command of the container. A shell command runs as `/bin/sh -c`, with its arguments appended as "$@". A
 * program gets its arguments unchanged. With neither, the image's own program runs. Standard input is a file that a
 * shell opens, so a job with standard input needs /bin/sh in its image, even with `exe`. A supervisor starts the
 * program, except the image's own program, which only the image knows.
 */
export function containerProgram ({ command, exe, args = [], stdin, container }: JobSubmission): Program {
  const supervisor = container?.supervisor === undefined ? [] : [container.supervisor]
  const file = `${STDIN_FOLDER}/${STDIN_KEY}`
  if (command !== undefined) {
    const line = args.length === 0 ? command : `${command} "$@"`
    return literalCommand([
      ...supervisor,
      '/bin/sh',
      '-c',
      '--',
      stdin === undefined ? line : `exec < ${file}; ${line}`,
      'sh',
      ...args
    ])
  }
  if (exe === undefined) return {}
  return literalCommand(
    stdin === undefined
      ? [...supervisor, exe, ...args]
      : [...supervisor, '/bin/sh', '-c', '--', `exec "$0" "$@" < ${file}`, exe, ...args]
  )
}

/** Returns the launcher's variables, then the job's own. Values of secrets come from the Secret. */
export function containerEnvironment ({ id, submission, array }: Pick<Job, 'id' | 'submission' | 'array'>): V1EnvVar[] {
  const { environment = [], secrets = [], exposedPorts = [] } = submission
  const launcherVariables: V1EnvVar[] = [
    ...exposedPorts.slice(0, 1).map(({ targetPort }) => ({ name: 'JOB_PORT', value: String(targetPort) })),
    ...exposedPorts.map(({ targetPort }, index) => ({ name: `JOB_PORT_${index}`, value: String(targetPort) })),
    ...arrayVariables(array).map(([name, value]) => ({ name, value })),
    { name: 'JOB_LAUNCHER_JOB_ID', value: id }
  ]
  const launcherNames = new Set(launcherVariables.map(({ name }) => name))
  return [
    ...launcherVariables,
    ...environment
      .filter(({ name }) => !launcherNames.has(name))
      .map(({ name, value }) => ({ name, value: escapeReferences(value) })),
    ...secrets
      .map(({ name }, index) => ({ name, index }))
      .filter(({ name }) => !launcherNames.has(name))
      .map(({ name, index }) => ({
        name,
        valueFrom: { secretKeyRef: { name: objectName(id), key: secretKey(index) } }
      }))
  ]
}

/** Key of a secret in the Secret. Keys are numbered, because names of variables can be longer than keys. */
export function secretKey (index: number): string {
  return `secret-${index}`
}

/** A command in which Kubernetes replaces nothing. */
export function literalCommand (words: string[]): Program {
  return { command: words.map(escapeReferences) }
}

/** Kubernetes replaces $(NAME) in commands and in values of variables, and reads $$ as one $. */
function escapeReferences (text: string): string {
  return text.replaceAll('$', '$$$$')
}
