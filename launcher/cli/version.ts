// Reads the version of this package from package.json.

import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { LauncherError } from '../errors.ts'

export function packageVersion (): string {
  const file = findPackageJSON('..', import.meta.url)
  if (file === undefined) throw new LauncherError('InternalError', 'the package has no package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
