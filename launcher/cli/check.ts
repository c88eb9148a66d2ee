// job-launcher check: reads every policy file that a configuration names, and reports all problems with file and line.

import { problemsError, problemText } from '../lib/problem.ts'
import type { Command } from './command.ts'
import { CONFIG_OPTIONS, CONFIG_USAGE, configSource } from './config-source.ts'
import { positionalArguments } from './option-values.ts'
import { escapeControls } from './plain-text.ts'
import { writeDocument } from './write.ts'

export const check: Command = {
  name: 'check',
  summary: 'Check profiles, image definitions and all other policy files without starting anything',
  usage: `${CONFIG_USAGE} [--json]`,
  options: {
    ...CONFIG_OPTIONS,
    json: { type: 'boolean', help: 'As one JSON document' }
  },
  async run (context) {
    positionalArguments(context)
    const { values, env, loadPlugins } = context
    const source = configSource(values)
    const [{ readConfiguration }, { checkPolicy }, plugins] = await Promise.all([
      import('../config/prepare.ts'),
      import('../doctor/check-policy.ts'),
      loadPlugins()
    ])
    const { files, problems } = await checkPolicy(await readConfiguration(source, plugins), plugins, env)
    const ok = problems.length === 0
    const { help, kind } = problemsError('ConfInvalid', problems)
    const lines = [
      ...problems.map(problemText),
      ...(ok
        ? files.map(file => `${file}: ok`)
        : [`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}. ${help}`])
    ]
    await writeDocument(context, { ok, files, problems }, lines.map(line => `${escapeControls(line)}\n`).join(''))
    return ok ? 0 : kind.exit
  }
}
