// Keys of a [cluster] section in launcher.conf, and those that every cluster's own conf file has.

import { Type, type Static } from 'typebox'
import { GroupName } from '../model/job.ts'

const absolute = { pattern: '^/[^\\u0000]*$', expected: 'an absolute path' } as const

/** Section [cluster] of launcher.conf, once for each cluster. {key} in a default stands for the value of that key. */
export const CLUSTER_SECTION_KEYS = Type.Object({
  type: Type.String({ description: 'Plugin that backs the cluster. Needed.' }),
  name: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    expected: 'a name of at most 64 letters, digits, . _ and -',
    default: '{type}',
    description: 'Name that jobs and people call the cluster by.'
  }),
  'config-file': Type.String({
    ...absolute,
    default: '{config-dir}/launcher.{type in lower case}.conf',
    description: 'Conf file of the cluster. Where there is none, every key of it has its default.'
  }),
  'allowed-groups': Type.Optional(
    Type.Array(GroupName, {
      description: 'Groups whose members may use the cluster, with commas between them. Without it everybody may.'
    })
  )
})

/**
 * The one section of a cluster's conf file, named after its type in lower case; the plugin's own keys come to these.
 */
export const CLUSTER_KEYS = Type.Object({
  'scratch-path': Type.String({
    ...absolute,
    default: '{scratch-path of launcher.conf}/{name}',
    description: "Folder for the cluster's own files."
  }),
  concurrency: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 16,
    description: 'How many starts may be under way at once.'
  }),
  'max-waiting-jobs': Type.Integer({
    minimum: 1,
    default: 10_000,
    description: 'How many jobs may wait to be started; more are refused with TooManyWaiting.'
  })
})

export type ClusterSectionKeys = Static<typeof CLUSTER_SECTION_KEYS>
export type ClusterKeys = Static<typeof CLUSTER_KEYS>
