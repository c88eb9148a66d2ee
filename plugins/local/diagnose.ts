// The checks of `job-launcher doctor` that concern local jobs.

import { ERRORS } from '../../launcher/errors.ts'
import type { DiagnosisContext, Finding } from '../../launcher/plugin.ts'
import { PROCESS_ONE_TEXT } from './process-one.ts'
import { checkService } from './service.ts'

/** Without a launcher, a start in the place of this check is judged. */
export async function * diagnose (
  _: unknown,
  { launcherPid = process.pid, environment }: DiagnosisContext
): AsyncGenerator<Finding, void, undefined> {
  if (launcherPid === 1) {
    yield { check: 'init', state: 'missing', message: `${PROCESS_ONE_TEXT}.`, help: ERRORS.InitNeeded.help }
  }
  const finding = await checkService(launcherPid, environment)
  if (finding !== undefined) yield finding
}
