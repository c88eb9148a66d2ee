// Writes launcher.conf.example: every key of launcher.conf, its default and what it is for.

import type { TObject } from 'typebox'
import { CLUSTER_SECTION_KEYS } from '../../launcher/config/cluster-keys.ts'
import { keysOf } from '../../launcher/config/conf-section.ts'
import { STAND_ALONE_CONFIG_DIR } from '../../launcher/config/settings.ts'
import { SERVER_KEYS } from '../../launcher/config/server-keys.ts'
import { wrap } from './wrap.ts'

const EXAMPLE_TYPE = 'Local'

export function exampleConf (): string {
  const names = {
    'config-dir': STAND_ALONE_CONFIG_DIR,
    'type in lower case': EXAMPLE_TYPE.toLowerCase(),
    type: EXAMPLE_TYPE
  }
  return `# launcher.conf of a stand-alone launcher, with every key and its default.
# Copy it to ${STAND_ALONE_CONFIG_DIR}/launcher.conf (or to another folder: job-launcher serve --config-dir DIR),
# take the # away from a line and change it. The keys of the clusters' own conf files are in docs/reference/conf.md.

[server]

${keysText(SERVER_KEYS, {})}
# Once for each cluster; the first one takes the jobs that name no cluster.
[cluster]

${keysText(CLUSTER_SECTION_KEYS, names)}`
}

/** Keys that have neither a default nor may be left out stand without #. */
function keysText (schema: TObject, names: Readonly<Record<string, string>>): string {
  const keys = keysOf(schema)
  const expand = (text: string): string =>
    text.replace(/\{([^}]+)\}/g, (_, name: string) => names[name] ?? String(keys[name]?.default))
  return Object.entries(keys)
    .map(([key, { description, default: value }]) => {
      const needed = value === undefined && (schema.required as string[]).includes(key)
      const shown = needed ? names[key] : value === undefined ? '' : expand(String(value))
      return `${wrap(description!, '# ')}\n${needed ? '' : '#'}${key}=${shown}\n`
    })
    .join('\n')
}
