// Parses the reply of an API server to GET /version, and knows the oldest version that the plugin supports.

export const VERSION_PATH = '/version'

export interface ServerVersion {
  readonly major?: unknown
  readonly minor?: unknown
  readonly gitVersion?: unknown
}

const OLDEST_MINOR = 31
export const OLDEST_VERSION = `1.${OLDEST_MINOR}`
/** From this version on, image volumes are switched on by default. */
export const IMAGE_VOLUMES_MINOR = 35

/** Whether the server is older than the oldest supported version. An unknown version does not count as old. */
export function isOld (version: ServerVersion): boolean {
  const minor = minorOf(version)
  return minor !== undefined && minor < OLDEST_MINOR
}

/** Returns the minor version of a Kubernetes 1, or undefined if it is unknown. */
export function minorOf ({ major, minor }: ServerVersion): number | undefined {
  // Some providers write the minor version as "20+".
  const number = Number.parseInt(String(minor), 10)
  return Number(major) === 1 && !Number.isNaN(number) ? number : undefined
}
