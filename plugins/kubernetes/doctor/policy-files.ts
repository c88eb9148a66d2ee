// Checks the policy files that the plugin's configuration names, and the files that those name.

import { ERRORS, isLauncherError } from '../../../launcher/errors.ts'
import { readPolicyFile, type FileText } from '../../../launcher/lib/policy-file.ts'
import { problemText, type Problem } from '../../../launcher/lib/problem.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import type { KubernetesConfig } from '../config/config.ts'
import { loadPolicy, POLICY_FILES } from '../policy/policy.ts'

/** Yields one finding for each invalid key, then one for each file, in the order in which they are named. */
export async function * checkFiles (config: KubernetesConfig): AsyncGenerator<Finding> {
  const files = new Map<string, FileText>()
  const problems = await problemsOf(config, async file => {
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
        help: ERRORS['text' in found ? 'ConfInvalid' : 'FileNotReadable'].help
      }
    } else {
      yield {
        check,
        state: 'ok',
        message: 'text' in found ? `${file} can be read.` : `${file} does not exist, and is not required.`
      }
    }
  }

  function keyOf (file: string): string | undefined {
    return Object.entries(POLICY_FILES).find(([, name]) => [config[name]].flat().includes(file))?.[0]
  }
}

async function problemsOf (
  config: KubernetesConfig,
  read: Parameters<typeof loadPolicy>[1]
): Promise<readonly Problem[]> {
  try {
    await loadPolicy(config, read)
    return []
  } catch (error) {
    if (!isLauncherError(error)) throw error
    return error.details.problems as readonly Problem[]
  }
}
