// Keys in the conf file of every cluster. They come first, unless the plugin places them.

import { Type, type Static } from 'typebox'
import { ABSOLUTE_PATH } from '../lib/absolute-path.ts'
import { setting } from '../model/conf-key.ts'

/** Returns the schema of a key with another comment above the key in the rendered file. */
export function withHeading<S> (schema: S, heading: string): S {
  return { ...schema, heading }
}

/** Options of `job-expiry-hours`, which the server has, and a cluster that keeps ended jobs itself. */
export const JOB_EXPIRY_HOURS = { minimum: 0.0001, maximum: 87_600, unit: 'hours', default: 24 } as const

export const CLUSTER_KEYS = Type.Object({
  'scratch-path': Type.String({
    heading: 'Folder for the files of the cluster.',
    ...ABSOLUTE_PATH,
    default: '{scratch-path of launcher.conf}/{name}',
    description: "Folder for the cluster's own files."
  }),
  concurrency: Type.Integer({
    heading: 'How many jobs the launcher may start at the same time, and how many may wait.',
    minimum: 1,
    maximum: 1000,
    default: 16,
    description: 'How many jobs the launcher may start at the same time.',
    ...setting('{type}Concurrency')
  }),
  'max-waiting-jobs': Type.Integer({
    minimum: 1,
    default: 10_000,
    description: 'How many jobs may wait to be started. Further jobs are refused with TooManyWaiting.',
    ...setting('{type}MaxWaitingJobs')
  })
})

export type ClusterKeys = Static<typeof CLUSTER_KEYS>
