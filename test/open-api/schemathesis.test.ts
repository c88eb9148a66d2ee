// schemathesis makes requests from the OpenAPI document, sends them to a launcher and finds nothing.

import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isFull, launcher, shell, skipped } from './suite.ts'

const SEEDS = isFull ? [1, 2, 3] : [1]
const EXAMPLES = isFull ? '60' : '20'
/** The coverage of every keyword takes minutes. */
const PHASES = isFull ? 'examples,coverage,fuzzing,stateful' : 'examples,fuzzing,stateful'

const SEND = `
  export SCHEMATHESIS_HOOKS=hooks PYTHONPATH="$ROOT/test/open-api" PYTHONDONTWRITEBYTECODE=1
  send() {
    st --config-file "$ROOT/test/open-api/schemathesis.toml" run document.json --url "$LAUNCHER_URL" \\
      -H "Authorization: Bearer $LAUNCHER_KEY" --seed "$SEED" --max-examples "$EXAMPLES" --request-timeout 10 \\
      --continue-on-failure --generation-database none --suppress-health-check all --no-color --report ndjson "$@"
  }`

for (const seed of SEEDS) {
  t.test(`requests that schemathesis makes of the OpenAPI document with seed ${seed} find no fault`, {
    skip: skipped
  }, async t => {
    const { run, folder } = shell(t)
    const variables = { ...await launcher(t), SEED: String(seed), EXAMPLES }
    await run('requests', `${SEND}
      send --exclude-operation-id followJobs --phases ${PHASES}`, variables)
    // The stream of all jobs never ends, so it gets only requests that are to be refused.
    await run('streams', `${SEND}
      send --include-operation-id followJobs --mode negative --phases ${isFull ? 'coverage,' : ''}fuzzing`, variables)
    const cases = readFileSync(join(folder, 'requests.txt'), 'utf8').match(/(\d+) generated/)?.[1]
    t.comment(`seed ${seed}: ${cases ?? 'no'} requests`)
    assert.ok(Number(cases) > 100)
  })
}
