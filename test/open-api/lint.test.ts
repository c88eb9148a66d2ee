import t from 'tap'
import { shell, skipped } from './suite.ts'

t.test('redocly and spectral find nothing in the OpenAPI document', { skip: skipped }, async t => {
  const { run } = shell(t)
  await run('redocly', 'redocly lint document.json --config "$ROOT/test/open-api/redocly.yaml"')
  await run('spectral', `
    echo 'extends: spectral:oas' >spectral.yaml
    spectral lint document.json --ruleset spectral.yaml --fail-severity hint`)
})
