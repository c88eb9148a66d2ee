// A test file covers the source of the same name, so that coverage cannot leak in from a far test.

import { existsSync } from 'node:fs'

export default test => {
  const source = test.replace(/^test\//, '').replace(/\.test\.ts$/, '.ts')
  return existsSync(source) ? source : null
}
