// Writes docs/reference/conf.md from the schemas of the conf files.

import type { TObject } from 'typebox'
import { CLUSTER_SECTION_KEYS } from '../../launcher/config/cluster-keys.ts'
import { clusterSchema, sectionOfType } from '../../launcher/config/conf-files.ts'
import { keysOf } from '../../launcher/config/conf-section.ts'
import { SERVER_KEYS } from '../../launcher/config/server-keys.ts'
import type { ConfKey, PluginDefinition } from '../../launcher/plugin.ts'
import { code, table } from './table.ts'

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  array: 'list with commas'
}

export function confPage (plugins: readonly PluginDefinition[]): string {
  return `# Conf files

<!-- Written by scripts/docs.ts from the schemas of the conf files. -->

The launcher runs from \`launcher.conf\` and one conf file for each cluster. If a host spawns it, they are rendered
from the host's [settings](settings.md) into \`Launcher.ConfigDir\` and must not be edited: a file that was edited is
kept as \`NAME.edited\`, with a warning, and rendered again. A stand-alone launcher
(\`job-launcher serve --config-dir DIR\`) reads files written by hand; \`launcher.conf.example\` is one to start from.

The files are INI files. A line is \`key=value\`, \`[section]\`, a comment that begins with \`#\` or \`;\`, or empty. A
value with \`#\`, \`;\` or a quote at its start stands in double quotes, as a JSON string. What could be read in two
ways is refused with file and line: a key that is not known or stands twice, text after \`]\` or after a closing quote,
\`#\` or \`;\` in a value without quotes. In a default, \`{key}\` stands for the value of that key.

## \`launcher.conf\`, section \`[server]\`

${keysTable(SERVER_KEYS)}

## \`launcher.conf\`, section \`[cluster]\`

Once for each cluster; at least once. The first one takes the jobs that name no cluster.

${keysTable(CLUSTER_SECTION_KEYS)}
${plugins.map(clusterPart).join('')}`
}

function clusterPart (plugin: PluginDefinition): string {
  const section = sectionOfType(plugin.type)
  return `
## \`launcher.${section}.conf\`, section \`[${section}]\`

Conf file of a cluster of type \`${plugin.type}\`.

${keysTable(clusterSchema(plugin))}
`
}

function keysTable (schema: TObject): string {
  return table(['key', 'type', 'default', 'what it is for'], Object.entries(keysOf(schema)).map(([key, keySchema]) =>
    [code(key), typeName(keySchema), code(defaultText(keySchema)), `${keySchema.description}${bounds(keySchema)}`]))
}

function typeName (schema: ConfKey): string {
  if (schema.unit === 'bytes') return 'size'
  return TYPE_NAMES[schema.type ?? ''] ?? schema.type ?? ''
}

function defaultText (schema: ConfKey): string | undefined {
  return schema.default === undefined ? undefined : String(schema.default)
}

function bounds (schema: ConfKey): string {
  const { minimum, maximum } = schema
  if (minimum === undefined) return ''
  return maximum === undefined ? ` At least ${minimum}.` : ` From ${minimum} to ${maximum}.`
}
