// Checks the policy files that a plugin's configuration names, and the files that those name, for `doctor`.

import { isLauncherError } from '../errors.ts'
import { readPolicyFile, type FileText } from '../lib/policy-file.ts'
import { problemsError, problemText, type Problem } from '../lib/problem.ts'
import type { Finding } from '../plugin.ts'
import type { LoadPolicy } from './policy-reloader.ts'

/**
 * Yields a finding for each file, in the order in which they are read. `keyOf` returns the conf key that names a file,
 * and undefined for a file that another file names.
 */
export async function * policyFindings (
  load: LoadPolicy<unknown>,
  keyOf: (file: string) => string | undefined
): AsyncGenerator<Finding, void, undefined> {
  const files = new Map<string, FileText>()
  const problems = await problemsOf(load, async file => {
    const found = await readPolicyFile(file)
    files.set(file, found)
    return found
  })
  for (const [file, found] of files) {
    const check = keyOf(file) ?? 'policy-file'
    const fileProblems = problems.filter(problem => problem.file === file)
    if (fileProblems.length > 0) {
      yield {
        check,
        state: 'missing',
        message: fileProblems.map(problemText).join('\n'),
        help: problemsError('ConfInvalid', fileProblems).help
      }
    } else {
      yield {
        check,
        state: 'ok',
        message: 'text' in found ? `${file} can be read.` : `${file} does not exist, and is not required.`
      }
    }
  }
}

async function problemsOf (
  load: LoadPolicy<unknown>,
  read: Parameters<LoadPolicy<unknown>>[0]
): Promise<readonly Problem[]> {
  try {
    await load(read)
    return []
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return error.details.problems as readonly Problem[]
  }
}
