// Submissions whose command runs in the image that every test cluster has.

import type { JobSubmission } from '../../launcher/plugin.ts'

export const IMAGE = 'localhost/busybox:1'

export function program (command: string, more: Partial<JobSubmission> = {}): JobSubmission {
  return { name: 'program', command, container: { image: IMAGE }, ...more }
}
