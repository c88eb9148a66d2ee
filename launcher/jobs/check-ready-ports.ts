// Refuses a `ready` of an exposed port that no cluster could honor.

import { invalidJob } from '../errors.ts'
import type { JobSubmission } from '../model/job.ts'

/** Throws InvalidJob, with the field. */
export function checkReadyPorts ({ exposedPorts = [] }: JobSubmission): void {
  exposedPorts.forEach(({ ready, protocol = 'TCP' }, index) => {
    if (ready === undefined) return
    const field = `exposedPorts[${index}].ready`
    const { httpPath, tcp } = ready
    if (httpPath !== undefined && tcp !== undefined) {
      throw invalidJob(field, `${field} has httpPath and tcp; a port is asked in one of both ways.`)
    }
    if (httpPath === undefined && tcp === undefined) {
      throw invalidJob(field, `${field} has neither httpPath nor tcp; give httpPath, such as "/", or tcp: true.`)
    }
    if (protocol !== 'TCP') {
      throw invalidJob(field, `${field} is on a port with the protocol ${protocol}; only a TCP port can answer.`)
    }
  })
}
