// Each generator makes a client from the OpenAPI document, and a program in clients/ drives a launcher with it: it
// submits, follows, shows and lists jobs, reads output, controls a job and is refused.

import t from 'tap'
import { isFull, launcher, shell, skipped, type Shell } from './suite.ts'

const TYPESCRIPT = `
  cp "$ROOT/test/open-api/clients/$CLIENT.mts" main.mts
  ln -s "$NPM_TOOLS/node_modules" node_modules
  "$NPM_TOOLS/node_modules/.bin/tsc" --noEmit --strict --skipLibCheck --target es2023 --module preserve \\
    --allowImportingTsExtensions --typeRoots "$ROOT/node_modules/@types" --types node main.mts
  esbuild main.mts --bundle --platform=node --format=esm --outfile=main.mjs --log-level=warning
  node main.mjs`

const GO = `
  cp "$ROOT/test/open-api/clients/$CLIENT.go.txt" main.go
  go mod init made
  go mod tidy
  go vet ./...
  go run .`

const GENERATORS: ReadonlyArray<{ name: string, make: string, drive: string, slow?: true }> = [
  {
    name: 'openapi-typescript',
    make: 'openapi-typescript document.json -o generated/openapi-typescript.d.ts',
    drive: TYPESCRIPT
  },
  {
    name: 'hey-api',
    make: 'openapi-ts -i document.json -o generated/hey-api -c @hey-api/client-fetch',
    drive: TYPESCRIPT
  },
  {
    name: 'orval',
    make: 'orval --input document.json --output generated/orval.ts --client fetch',
    drive: TYPESCRIPT
  },
  {
    name: 'openapi-python-client',
    make: `
      echo 'post_hooks: []' >made.yaml
      openapi-python-client generate --path document.json --output-path made --meta none --config made.yaml \\
        --fail-on-warning`,
    drive: 'PYTHONPATH=. python "$ROOT/test/open-api/clients/openapi-python-client.py"'
  },
  {
    name: 'datamodel-code-generator',
    make: `datamodel-codegen --input document.json --input-file-type openapi --output models.py \\
      --output-model-type pydantic_v2.BaseModel --formatters builtin`,
    drive: 'PYTHONPATH=. python "$ROOT/test/open-api/clients/datamodel-code-generator.py"'
  },
  {
    name: 'oapi-codegen',
    make: 'mkdir api && oapi-codegen -generate types,client -package api -o api/client.go document.json',
    drive: GO,
    slow: true
  },
  {
    name: 'ogen',
    // The code of a server is left out: ogen has none for streams of events.
    make: `
      printf 'generator:\\n  features:\\n    disable_all: true\\n    enable: ["paths/client"]\\n' >ogen.yaml
      ogen --config ogen.yaml --target api --package api document.json`,
    drive: GO,
    slow: true
  }
]

for (const { name, make, drive, slow = false } of GENERATORS) {
  const skip = skipped !== false ? skipped : slow && !isFull ? 'only with --full' : false
  t.test(`the client that ${name} makes of the OpenAPI document drives a launcher`, { skip }, async t => {
    const { run }: Shell = shell(t)
    const began = Date.now()
    await run('make', make)
    await run('drive', drive, { CLIENT: name, ...await launcher(t) })
    t.comment(`${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
  })
}
