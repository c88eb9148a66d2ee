// Reads the templates of the conf files, which lie beside the launcher's code.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RENDERED_FILES } from './setting-map.ts'

const FOLDER = 'conf-templates'

/** Text by name of the conf file. */
export async function readTemplates (): Promise<ReadonlyMap<string, string>> {
  const folder = templatesFolder()
  return new Map(await Promise.all(RENDERED_FILES.map(async name =>
    [name, await readFile(join(folder, name), 'utf8')] as const)))
}

/** The compiled code lies one folder deeper than the sources, so the folder is looked for upwards. */
function templatesFolder (): string {
  let parent = import.meta.dirname
  while (!existsSync(join(parent, FOLDER)) && parent !== dirname(parent)) parent = dirname(parent)
  return join(parent, FOLDER)
}
