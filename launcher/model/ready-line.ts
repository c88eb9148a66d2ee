// The type of the ready line that a supervised launcher writes.

/** The one JSON line that a supervised launcher writes to standard output when it is ready. */
export interface ReadyLine {
  readonly event: 'ready'
  /** Path of its socket, or HOST:PORT. */
  readonly address: string
  readonly pid: number
  /** Id of this launcher instance; it stays the same for a scratch path. */
  readonly instance: string
  /** Launcher.InstanceName, if it is set. */
  readonly instanceName?: string
  readonly version: string
  /** Version of its HTTP API. */
  readonly api: 'v1'
  /** Folder of the conf files that it rendered and runs from. */
  readonly configDir: string
}
