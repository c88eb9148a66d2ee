// Defines the conf files, and the keys of each of their sections in the order of the file.

import { Type, type TObject } from 'typebox'
import type { ConfKey } from '../model/conf-key.ts'
import { CLUSTER_KEYS } from '../plugin-kit/cluster-keys.ts'
import type { PluginDefinition } from '../plugin.ts'
import { CLUSTER_SECTION_KEYS } from './cluster-keys.ts'
import { keysOf } from './conf-section.ts'
import { SERVER_KEYS } from './server-keys.ts'

export const LAUNCHER_CONF = 'launcher.conf'

/** A section to render. `{type}` in the names of its settings is already replaced. */
export interface ConfSection {
  /** Name of the file. */
  readonly file: string
  readonly name: string
  readonly keys: Readonly<Record<string, ConfKey>>
  /** The cluster that it belongs to; undefined for the server. */
  readonly cluster?: PluginDefinition
}

export const SERVER_SECTION: ConfSection = { file: LAUNCHER_CONF, name: 'server', keys: keysOf(SERVER_KEYS) }

/** Returns section [cluster] of launcher.conf for one cluster. */
export function clusterSection (cluster: PluginDefinition): ConfSection {
  return { file: LAUNCHER_CONF, name: 'cluster', keys: keysFor(cluster, CLUSTER_SECTION_KEYS), cluster }
}

/** Returns the only section of the cluster's own conf file. */
export function clusterFileSection (cluster: PluginDefinition): ConfSection {
  const name = sectionOfType(cluster.type)
  return { file: `launcher.${name}.conf`, name, keys: keysFor(cluster, clusterSchema(cluster)), cluster }
}

/** Returns all sections of all files. */
export function confSections (plugins: readonly PluginDefinition[]): readonly ConfSection[] {
  return [SERVER_SECTION, ...plugins.flatMap(plugin => [clusterFileSection(plugin), clusterSection(plugin)])]
}

/**
 * Returns the keys in the conf file of a cluster with this plugin. The keys of every cluster come first, unless the
 * plugin places them.
 */
export function clusterSchema ({ keys: { properties } }: PluginDefinition): TObject {
  const missing = Object.entries(CLUSTER_KEYS.properties).filter(([key]) => !Object.hasOwn(properties, key))
  return Type.Object({ ...Object.fromEntries(missing), ...properties })
}

/** Returns the name of the only section in a cluster's conf file. */
export function sectionOfType (type: string): string {
  return type.toLowerCase()
}

function keysFor ({ type }: PluginDefinition, schema: TObject): Readonly<Record<string, ConfKey>> {
  return Object.fromEntries(Object.entries(keysOf(schema)).map(([name, key]) => [name, key.setting === undefined
    ? key
    : { ...key, setting: { ...key.setting, key: key.setting.key.replace('{type}', type) } }]))
}
