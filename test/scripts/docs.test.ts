import t from 'tap'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keysOf } from '../../launcher/config/conf-section.ts'
import { CLUSTER_SECTION_KEYS } from '../../launcher/config/cluster-keys.ts'
import { clusterSchema } from '../../launcher/config/conf-files.ts'
import { SERVER_KEYS } from '../../launcher/config/server-keys.ts'
import { settingName, settingsOf } from '../../launcher/config/settings.ts'
import { plugins } from '../../plugins/index.ts'

const root = join(import.meta.dirname, '../..')
const firstCells = (file: string, part: string) =>
  Array.from(
    readFileSync(join(root, file), 'utf8')
      .split(part)[1]!
      .split('\n## ')[0]!
      .matchAll(/^\| `([^`]+)` \|/gm),
    match => match[1]
  )

t.test('the pages and the example are what the schemas generate', async t => {
  const { stderr } = await promisify(execFile)(process.execPath, [join(root, 'scripts/docs.ts'), '--check'])
  t.equal(stderr, '')
})

t.test('the settings page lists exactly the settings', async t => {
  t.strictSame(
    firstCells('docs/reference/settings.md', '# Settings'),
    settingsOf(plugins).map(({ key }) => settingName(key))
  )
})

t.test('the conf page lists exactly the keys of each section', async t => {
  const page = 'docs/reference/conf.md'
  t.strictSame(firstCells(page, '## `launcher.conf`, section `[server]`'), Object.keys(keysOf(SERVER_KEYS)))
  t.strictSame(firstCells(page, '## `launcher.conf`, section `[cluster]`'), Object.keys(keysOf(CLUSTER_SECTION_KEYS)))
  for (const plugin of plugins) {
    const section = plugin.type.toLowerCase()
    t.strictSame(
      firstCells(page, `## \`launcher.${section}.conf\`, section \`[${section}]\``),
      Object.keys(keysOf(clusterSchema(plugin)))
    )
  }
})
