// Generates docs/reference/third-party-licences.md from package-lock.json.

import { code, table } from './table.ts'

export interface PackageLock {
  /** By path, such as `node_modules/pino`; the project itself has the path ''. */
  readonly packages: Readonly<Record<string, {
    readonly version?: string
    readonly license?: string
    readonly dev?: boolean
  }>>
}

/** Throws if a package states no licence. */
export function licencesPage ({ packages }: PackageLock): string {
  const rows = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version, license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
      if (license === undefined) throw new Error(`${name} ${version} states no licence`)
      return [name, version ?? '', license] as const
    })
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const counts = new Map<string, number>()
  for (const [, , license] of rows) counts.set(license, (counts.get(license) ?? 0) + 1)
  const summary = [...counts].sort(([, a], [, b]) => b - a).map(([license, count]) => `${license} ${count}`)
  return `# Third-party licences

<!-- Written by scripts/docs.ts from package-lock.json. -->

The launcher needs these packages at run time: its dependencies, and theirs. Each package contains the text of its
licence. Packages that only the development of the launcher needs are not listed.

${rows.length} packages: ${summary.join(', ')}.

${table(['package', 'version', 'licence'], rows.map(([name, version, license]) => [code(name), version, license]))}
`
}
