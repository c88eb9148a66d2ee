// Parses the reply of an API server to GET /version.

export const VERSION_PATH = '/version'

export interface ServerVersion {
  readonly major?: unknown
  readonly minor?: unknown
}

/** Returns the minor version of a Kubernetes 1, or undefined if it is unknown. */
export function minorOf ({ major, minor }: ServerVersion): number | undefined {
  // Some providers write the minor version as "20+".
  const number = Number.parseInt(String(minor), 10)
  return Number(major) === 1 && !Number.isNaN(number) ? number : undefined
}
