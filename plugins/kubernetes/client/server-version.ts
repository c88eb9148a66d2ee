// Reads what an API server answers to GET /version.

export const VERSION_PATH = '/version'

export interface ServerVersion {
  readonly major?: unknown
  readonly minor?: unknown
}

/** The minor version of a Kubernetes 1; undefined when it cannot be told. */
export function minorOf ({ major, minor }: ServerVersion): number | undefined {
  // Some providers write the minor version as "20+".
  const number = Number.parseInt(String(minor), 10)
  return Number(major) === 1 && !Number.isNaN(number) ? number : undefined
}
