// Keys of a [cluster] section in launcher.conf.

import { Type, type Static } from 'typebox'
import { ABSOLUTE_PATH } from '../lib/absolute-path.ts'
import { setting } from '../model/conf-key.ts'
import { GroupName } from '../model/account-name.ts'

/** Section [cluster] of launcher.conf, once for each cluster. {key} in a default stands for the value of that key. */
export const CLUSTER_SECTION_KEYS = Type.Object({
  name: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
    'x-expected': 'a name of at most 64 letters, digits, . _ and -',
    default: '{type}',
    description: 'Name of the cluster, which jobs and people refer to it by.'
  }),
  type: Type.String({ description: 'Plugin that backs the cluster. Required.' }),
  'config-file': Type.String({
    ...ABSOLUTE_PATH,
    default: '{config-dir}/launcher.{type in lower case}.conf',
    mustExist: true,
    description: 'Conf file of the cluster. If its default does not exist, all its keys have their defaults.',
    from: 'ConfigDir'
  }),
  'allowed-groups': Type.Optional(
    Type.Array(GroupName, {
      description: 'Groups whose members may use the cluster, separated by commas. Without it, every user may.',
      ...setting('{type}AllowedGroups')
    })
  )
})

export type ClusterSectionKeys = Static<typeof CLUSTER_SECTION_KEYS>
