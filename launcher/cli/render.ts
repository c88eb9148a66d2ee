// The command `render`: writes the conf files from the host's settings, or shows what would change.

import { join } from 'node:path'
import { LauncherError } from '../errors.ts'
import { readText } from '../config/read-text.ts'
import type { RenderedConf } from '../config/render-given.ts'
import { CONFIG_OPTIONS } from './config-source.ts'
import { unifiedDiff } from './unified-diff.ts'
import type { Command } from './command.ts'

const WOULD_CHANGE = 1

export const render: Command = {
  name: 'render',
  summary: 'Write the conf files from the host\'s settings and print their paths',
  usage: '--settings FILE [--set K=V]… [--check]',
  options: {
    settings: CONFIG_OPTIONS.settings,
    set: CONFIG_OPTIONS.set,
    check: { type: 'boolean', help: 'Write nothing; show what would change and exit with 1 if anything would' }
  },
  async run ({ values, positionals, loadPlugins, stdout, stderr }) {
    if (positionals.length > 0) throw new LauncherError('UsageError', `render takes no arguments: ${positionals[0]}`)
    if (typeof values.settings !== 'string') throw new LauncherError('UsageError', 'render needs --settings FILE')
    const set = Array.isArray(values.set) ? values.set.map(String) : []
    const { renderSettings, writeRendered } = await import('../config/prepare.ts')
    const { replacedSentence } = await import('../config/write-conf.ts')
    const rendered = await renderSettings({ file: values.settings, set }, await loadPlugins())
    if (values.check === true) {
      const differences = await differencesOf(rendered)
      stdout.write(differences)
      return differences === '' ? 0 : WOULD_CHANGE
    }
    const { files, replaced } = await writeRendered(rendered)
    for (const each of replaced) stderr.write(`job-launcher: ${replacedSentence(each)}\n`)
    for (const file of files) stdout.write(`${file}\n`)
    return 0
  }
}

async function differencesOf ({ config, files }: RenderedConf): Promise<string> {
  const differences: string[] = []
  for (const [name, text] of files) {
    const path = join(config.configDir, name)
    const present = await readText(path)
    if (present !== text) {
      differences.push(unifiedDiff(present === undefined ? '/dev/null' : path, path, present ?? '', text))
    }
  }
  return differences.join('')
}
