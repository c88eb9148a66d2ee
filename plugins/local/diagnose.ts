// The checks of `job-launcher doctor` that concern local jobs.

import { ERRORS } from '../../launcher/errors.ts'
import type { DiagnosisContext, Finding } from '../../launcher/plugin.ts'
import { policyFindings } from '../../launcher/plugin-kit/policy-findings.ts'
import type { LocalConfig } from './config.ts'
import { policyLoader } from './policy.ts'
import { PROCESS_ONE_TEXT } from './process-one.ts'
import { checkService } from './service.ts'

/** If no launcher runs, the process of this check is judged in its place. */
export async function * diagnose (
  config: Pick<LocalConfig, 'profilesFile'>,
  { launcherPid = process.pid, environment }: DiagnosisContext
): AsyncGenerator<Finding, void, undefined> {
  yield * policyFindings(policyLoader(config), () => 'profile-config')
  if (launcherPid === 1) {
    yield { check: 'init', state: 'missing', message: `${PROCESS_ONE_TEXT}.`, help: ERRORS.InitNeeded.help }
  }
  const finding = await checkService(launcherPid, environment)
  if (finding !== undefined) yield finding
}
