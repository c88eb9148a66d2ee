// Generates the reference pages, the example conf file, the Role and the ClusterRole from the schemas and tables. With
// --check, only reports which ones differ.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiDocument } from '../launcher/http/open-api.ts'
import { createMetrics } from '../launcher/metrics.ts'
import { plugins } from '../plugins/index.ts'
import { nodeReaderText, roleText } from '../plugins/kubernetes/doctor/rbac.ts'
import { confPage } from './docs/conf-page.ts'
import { errorsPage } from './docs/errors-page.ts'
import { exampleConf } from './docs/example-conf.ts'
import { httpPage } from './docs/http-page.ts'
import type { OpenApi } from './docs/open-api.ts'
import { kubeconfigPage } from './docs/kubeconfig-page.ts'
import { licencesPage } from './docs/licences-page.ts'
import { mountsPage } from './docs/mounts-page.ts'
import { metricsPage } from './docs/metrics-page.ts'
import { outcomesPage } from './docs/outcomes-page.ts'
import { reasonsPage } from './docs/reasons-page.ts'
import { settingsPage } from './docs/settings-page.ts'

const root = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const pages: Readonly<Record<string, string>> = {
  'docs/reference/settings.md': settingsPage(plugins),
  'docs/reference/conf.md': confPage(plugins),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/reasons.md': reasonsPage(),
  'docs/reference/outcomes.md': outcomesPage(),
  'docs/reference/http.md': httpPage(openApiDocument('v1') as OpenApi),
  'docs/reference/kubeconfig.md': kubeconfigPage(),
  'docs/reference/mounts.md': mountsPage(),
  'docs/reference/metrics.md': metricsPage(createMetrics().own),
  'docs/reference/third-party-licences.md': licencesPage(lock),
  'launcher.conf.example': exampleConf(),
  'conf-templates/kubernetes-role.yaml': roleText(),
  'conf-templates/kubernetes-node-reader.yaml': nodeReaderText()
}

for (const [name, text] of Object.entries(pages)) {
  const path = join(root, name)
  if (readOrEmpty(path) === text) continue
  if (process.argv.includes('--check')) {
    console.error(`${name} differs from the schemas; run: node scripts/docs.ts`)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    console.log(name)
  }
}

function readOrEmpty (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
