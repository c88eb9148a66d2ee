// A sample job and settings to build objects from.

import type { Job, JobSubmission } from '../../../launcher/plugin.ts'
import { objectsOf, type Objects } from '../../../plugins/kubernetes/manifests/job-objects.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import type { ObjectSettings } from '../../../plugins/kubernetes/objects/settings.ts'

export const settings: ObjectSettings = { namespace: 'jobs', instance: 'c0ffee000000', expiryHours: 24 }

/** The objects of a job without base manifests. */
export function plainObjects (job: Job): Objects {
  return objectsOf(job, { bases: { Job: [], Service: [] } }, settings)
}

export function jobWith (submission: Partial<JobSubmission> = {}): Job {
  return sampleJob({
    submission: { name: 'report', command: 'true', container: { image: 'registry.example/report:1' }, ...submission }
  })
}
