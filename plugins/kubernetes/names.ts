// Names of what is made for a job. They derive from its id, so that a repeat finds the first.

/** Name of the Job, the Service and the Secret: a DNS label of 30 characters that begins with a letter. */
export function objectName (jobId: string): string {
  return `job-${jobId}`
}
