// What one check of a diagnosis found. A part of the contract in launcher/plugin.ts.

/** The result of one check of a diagnosis. A check of several things yields a finding for each. */
export interface Finding {
  /** Permanent id of the check, such as `api-server`. */
  readonly check: string
  /** `missing`: jobs cannot run as they should. `warning`: they can, with less. `skipped`: it could not be checked. */
  readonly state: 'ok' | 'missing' | 'warning' | 'skipped'
  /** One sentence that states the fact, followed by the server's own words if there are any. */
  readonly message: string
  /** What to do; only if the state is not ok, and absent if another finding says it. */
  readonly help?: string
  /** A file that helps, as text to be used unchanged; shown once, after all findings. */
  readonly attachment?: string
  /** As `Plugin.jobPlaceId`, if the check found it. Not shown. */
  readonly jobPlaceId?: string
}
