import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { inheritedDescriptors } from '../../../launcher/lib/inherited-descriptors.ts'

const source = fileURLToPath(new URL('../../../launcher/lib/inherited-descriptors.ts', import.meta.url))

t.test('descriptors opened by Node are not inherited', t => {
  const descriptor = openSync('/dev/null', 'r')
  t.notOk(inheritedDescriptors().includes(descriptor))
  closeSync(descriptor)
  t.end()
})

t.test('descriptors left open by a shell are found', t => {
  const code = `import('${source}').then(({ inheritedDescriptors }) => ` +
    'console.log(inheritedDescriptors().includes(99)))'
  const script = 'exec 99< /dev/null; exec "$0" --input-type=module -e "$1"'
  t.equal(execFileSync('/bin/bash', ['-c', script, process.execPath, code], { encoding: 'utf8' }), 'true\n')
  t.end()
})
