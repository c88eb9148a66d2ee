// Checks everything that a launcher with this configuration needs, for `job-launcher doctor`. Removes
// what a check writes.

import type { Logger } from 'pino'
import type { LauncherConfig } from '../config/launcher-config.ts'
import { readConfiguration, type ConfigSource } from '../config/prepare.ts'
import { placesOf, refuseSharedPlaces, sharedPlaces, type ClusterPlace } from '../config/shared-places.ts'
import { liveHolder } from '../daemon/scratch-path-holder.ts'
import { socketOwner } from '../daemon/scratch-path.ts'
import { ERRORS, isLauncherError } from '../errors.ts'
import { defined } from '../lib/defined.ts'
import { problemText } from '../lib/problem.ts'
import type { Finding, PluginDefinition } from '../plugin.ts'
import { checkConfigDir, checkFiles } from './check-files.ts'
import { checkScratchPath } from './check-scratch-path.ts'
import { checkServer } from './check-server.ts'

/** `cluster` is set if the plugin of a cluster found it. */
export interface PlacedFinding extends Finding {
  readonly cluster?: string
}

export interface Examination {
  readonly source: ConfigSource
  readonly plugins: readonly PluginDefinition[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** The image of jobs that a check runs. */
  readonly image?: string | undefined
  readonly signal?: AbortSignal
}

/** Yields each finding as soon as it is known. Checks one cluster after the other. */
export async function * runChecks ({
  source,
  plugins,
  environment,
  log,
  image,
  signal
}: Examination): AsyncGenerator<PlacedFinding, void, undefined> {
  const check = source.settings === undefined ? 'conf' : 'settings'
  const found = await loaded(source, plugins, environment)
  if ('problem' in found) {
    yield { check, state: 'missing', ...found.problem }
    return
  }
  const { config, places } = found
  const where = source.settings?.file ?? config.configDir
  yield {
    check,
    state: 'ok',
    message: `${where} is valid; clusters: ${config.clusters.map(({ name }) => name).join(', ')}.`
  }

  if (source.settings !== undefined) yield * await checkConfigDir(config.configDir)
  const { scratchPath, serverUser } = config.server
  let owner: { uid: number } | undefined
  try {
    owner = await socketOwner(serverUser)
  } catch (error) {
    yield { check: 'server-user', state: 'missing', ...problemOf(error) }
  }
  yield * await checkFiles(config, owner?.uid)
  yield await checkScratchPath(scratchPath, owner?.uid)
  yield * checkServer(config)

  const launcherPid = liveHolder(scratchPath)
  const known: ClusterPlace[] = []
  const context = { log, environment, ...defined({ launcherPid, image, signal }) }
  for (const { name, type, scratchPath, config: ofCluster } of config.clusters) {
    const plugin = plugins.find(plugin => plugin.type === type)
    const findings = plugin?.diagnose?.(ofCluster, { cluster: name, scratchPath, ...context }) ?? []
    for await (const { jobPlaceId: id, ...finding } of findings) {
      yield { cluster: name, ...finding }
      const place = id === undefined ? undefined : places.find(({ cluster }) => cluster.name === name)
      if (place === undefined) continue
      known.push({ ...place, id })
      const problem = sharedPlaces(known).find(({ line }) => line === place.cluster.line)
      if (problem !== undefined) {
        yield {
          cluster: name,
          check: 'job-place',
          state: 'missing',
          message: `${problemText(problem)}.`,
          help: ERRORS.ConfInvalid.help
        }
      }
    }
  }
}

async function loaded (
  source: ConfigSource,
  plugins: readonly PluginDefinition[],
  environment: Examination['environment']
): Promise<
  { config: LauncherConfig, places: readonly ClusterPlace[] } | { problem: { message: string, help: string } }
> {
  try {
    const config = await readConfiguration(source, plugins)
    const places = await placesOf(config, plugins, environment)
    refuseSharedPlaces(places)
    return { config, places }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** Returns the message and help of an expected failure. Rethrows any other error. */
function problemOf (error: unknown): { message: string, help: string } {
  if (!isLauncherError(error)) throw error
  return { message: error.message, help: error.help }
}
