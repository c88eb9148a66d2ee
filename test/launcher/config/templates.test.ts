import t from 'tap'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { RENDERED_FILES } from '../../../launcher/config/setting-map.ts'
import { readTemplates } from '../../../launcher/config/templates.ts'

t.test('every rendered file has its template, and no template is without a file', async t => {
  const templates = await readTemplates()
  t.strictSame([...templates.keys()], RENDERED_FILES)
  t.strictSame(
    readdirSync(join(import.meta.dirname, '../../../conf-templates'))
      .filter(name => /^launcher(\.(local|kubernetes))?\.conf$/.test(name))
      .sort(),
    [...RENDERED_FILES].sort()
  )
  for (const [name, text] of templates) t.match(text, /^\[[a-z]+\]\n[^]*\n$/, name)
})
