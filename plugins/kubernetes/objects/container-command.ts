// What a container runs: command, arguments, environment and standard input of a job.

import type { V1Container, V1EnvVar } from '@kubernetes/client-node'
import type { Job, JobSubmission } from '../../../launcher/plugin.ts'
import { objectName, STDIN_FOLDER } from '../metadata/names.ts'

/** Key of the standard input in the Secret, and name of its file. */
export const STDIN_KEY = 'stdin'

type Program = Pick<V1Container, 'command'>

/**
 * A shell command runs as `/bin/sh -c`, its arguments follow it as "$@" would; a program gets its arguments as they
 * are. With neither, the image's own program runs. Standard input is a file that a shell opens, so a job that has one
 * needs /bin/sh in its image, also with `exe`. A supervisor starts all but the image's own program, which only the
 * image knows.
 */
export function containerProgram ({ command, exe, args = [], stdin, container }: JobSubmission): Program {
  const start = container?.supervisor === undefined ? [] : [container.supervisor]
  const file = `${STDIN_FOLDER}/${STDIN_KEY}`
  if (command !== undefined) {
    const line = args.length === 0 ? command : `${command} "$@"`
    return verbatim([
      ...start,
      '/bin/sh',
      '-c',
      '--',
      stdin === undefined ? line : `exec < ${file}; ${line}`,
      'sh',
      ...args
    ])
  }
  if (exe === undefined) return {}
  return verbatim(
    stdin === undefined
      ? [...start, exe, ...args]
      : [...start, '/bin/sh', '-c', '--', `exec "$0" "$@" < ${file}`, exe, ...args]
  )
}

/** The job's own variables, then what only the launcher knows. Values of secrets are taken from the Secret. */
export function containerEnvironment ({ id, submission }: Pick<Job, 'id' | 'submission'>): V1EnvVar[] {
  const { environment = [], secrets = [], exposedPorts = [] } = submission
  const own: V1EnvVar[] = [
    ...exposedPorts.slice(0, 1).map(({ targetPort }) => ({ name: 'JOB_PORT', value: String(targetPort) })),
    ...exposedPorts.map(({ targetPort }, index) => ({ name: `JOB_PORT_${index}`, value: String(targetPort) })),
    { name: 'JOB_LAUNCHER_JOB_ID', value: id }
  ]
  const taken = new Set(own.map(({ name }) => name))
  return [
    ...environment.filter(({ name }) => !taken.has(name)).map(({ name, value }) => ({ name, value: literal(value) })),
    ...secrets
      .map(({ name }, index) => ({ name, index }))
      .filter(({ name }) => !taken.has(name))
      .map(({ name, index }) => ({
        name,
        valueFrom: { secretKeyRef: { name: objectName(id), key: secretKey(index) } }
      })),
    ...own
  ]
}

/** Key of a secret in the Secret. Names of variables may be longer than keys, so they are numbered. */
export function secretKey (index: number): string {
  return `secret-${index}`
}

/** A command without what Kubernetes would replace in it. */
export function verbatim (words: string[]): Program {
  return { command: words.map(literal) }
}

/** Kubernetes replaces $(NAME) in commands and in values, and reads $$ as one $. */
function literal (text: string): string {
  return text.replaceAll('$', '$$$$')
}
