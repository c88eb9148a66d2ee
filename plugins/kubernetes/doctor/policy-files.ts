// Checks the policy files that the plugin's configuration names, and those that they name in turn.

import { ERRORS, isLauncherError } from '../../../launcher/errors.ts'
import { readPolicyFile, type FileText } from '../../../launcher/lib/policy-file.ts'
import { problemText, type Problem } from '../../../launcher/lib/problem.ts'
import type { Finding } from '../../../launcher/plugin.ts'
import type { KubernetesConfig } from '../config/keys.ts'
import { loadPolicy, POLICY_FILES } from '../policy/policy.ts'

/** One finding for each key that is wrong, then one for each file, in the order in which they are named. */
export async function * checkFiles (config: KubernetesConfig): AsyncGenerator<Finding> {
  const files = new Map<string, FileText>()
  const problems = await problemsOf(config, async file => {
    const found = await readPolicyFile(file)
    files.set(file, found)
    return found
  })
  for (const { key, problem } of problems.filter(({ file }) => file === undefined)) {
    yield {
      check: key ?? 'configuration',
      state: 'missing',
      message: `${key} ${problem}`,
      help: ERRORS.ConfInvalid.help
    }
  }
  for (const [file, found] of files) {
    const check = POLICY_FILES.find(key => [config[key]].flat().includes(file)) ?? 'policy-file'
    const wrong = problems.filter(problem => problem.file === file)
    if (wrong.length > 0) {
      yield {
        check,
        state: 'missing',
        message: wrong.map(problemText).join('\n'),
        help: ERRORS['text' in found ? 'ConfInvalid' : 'FileNotReadable'].help
      }
    } else {
      yield {
        check,
        state: 'ok',
        message: 'text' in found ? `${file} can be read.` : `There is no ${file}, and none is needed.`
      }
    }
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
