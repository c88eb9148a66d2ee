// Builds what the job's container runs: its command, arguments, environment and standard input.

import type { V1Container, V1EnvVar } from '@kubernetes/client-node'
import { launcherVariables, withReferences, type Job, type JobSubmission } from '../../../launcher/plugin.ts'
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

type JobFields = Pick<Job, 'id' | 'submission' | 'array'>

/** The launcher's variables. The launcher has chosen a number for each port when it admitted the job. */
function variablesOf ({ submission: { exposedPorts = [] }, ...job }: JobFields): Map<string, string> {
  return launcherVariables({ ...job, ports: exposedPorts.map(({ targetPort }) => targetPort!) })
}

/** Returns the submission with the values of the launcher's variables in place of the references to them. */
export function withValues (job: JobFields): JobSubmission {
  return withReferences(job.submission, variablesOf(job))
}

/** Returns the launcher's variables, then the job's own. Values of secrets come from the Secret. */
export function containerEnvironment (job: JobFields): V1EnvVar[] {
  const { id, submission: { environment = [], secrets = [] } } = job
  const variables = variablesOf(job)
  return [
    ...[...variables].map(([name, value]) => ({ name, value })),
    ...environment
      .filter(({ name }) => !variables.has(name))
      .map(({ name, value }) => ({ name, value: escapeReferences(value) })),
    ...secrets
      .map(({ name }, index) => ({ name, index }))
      .filter(({ name }) => !variables.has(name))
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
