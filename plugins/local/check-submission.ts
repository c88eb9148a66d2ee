// Refuses a job that this machine could not run, before the job is stored. Pure.

import { invalidJob, LauncherError } from '../../launcher/errors.ts'
import { MAX_TEXT_BYTES, programTexts } from '../../launcher/plugin-kit/argument-sizes.ts'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { isShellName } from './launch-script.ts'

/** The kernel limits their sum to a quarter of the stack size. This leaves room for what the launcher adds. */
const MAX_TOTAL_BYTES = 1_800_000
/** Room for `NAME=`, ` "$@"` and the NUL byte. */
const SLACK_BYTES = 16

/** Throws InvalidJob or NotSupportedByCluster, with the field. */
export function checkSubmission (submission: JobSubmission): void {
  checkSizes(submission)
  submission.secrets?.forEach(({ name }, index) => {
    if (!isShellName(name)) {
      throw invalidJob(
        `secrets[${index}].name`,
        `The secret ${name} has a name that only a visible command line could pass on; use letters, digits and _, ` +
        'and no name that a shell uses itself.'
      )
    }
  })
  submission.exposedPorts?.forEach(({ targetPort, publishedPort }, index) => {
    if (targetPort === undefined || publishedPort === undefined || targetPort === publishedPort) return
    throw new LauncherError(
      'NotSupportedByCluster',
      `A local job is reached at the port it listens on, so publishedPort ${publishedPort} cannot differ from ` +
      `targetPort ${targetPort}.`,
      { field: `exposedPorts[${index}].publishedPort` }
    )
  })
}

function checkSizes (submission: JobSubmission): void {
  let total = 0
  for (const [field, text] of programTexts(submission)) {
    const bytes = Buffer.byteLength(text) + SLACK_BYTES
    if (bytes > MAX_TEXT_BYTES) {
      throw invalidJob(
        field,
        `${field} has more than the ${MAX_TEXT_BYTES - SLACK_BYTES} bytes that a program can be given in one piece; ` +
        'put it into stdin or a file.'
      )
    }
    total += bytes
  }
  if (total > MAX_TOTAL_BYTES) {
    throw invalidJob(
      'args',
      `Command, args, environment and secrets have ${total} bytes together; a program can be given ` +
      `${MAX_TOTAL_BYTES}. Put some into stdin or a file.`
    )
  }
}
