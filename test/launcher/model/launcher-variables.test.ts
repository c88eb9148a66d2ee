import t from 'tap'
import { launcherVariables, withReferences } from '../../../launcher/model/launcher-variables.ts'

const array = { id: 'a', index: 3, count: 5 }
const VARIABLES = launcherVariables({ id: 'j', array, ports: [8080, 9090] })

function replaced (text: string): string {
  const { args } = withReferences({ name: 'n', exe: 'x', args: [text] }, VARIABLES)
  return args![0]!
}

t.test('a job has its ports, its place in the array and its id', async t => {
  t.strictSame(Object.fromEntries(VARIABLES), {
    JOB_PORT: '8080',
    JOB_PORT_0: '8080',
    JOB_PORT_1: '9090',
    JOB_ARRAY_ID: 'a',
    JOB_ARRAY_INDEX: '3',
    JOB_ARRAY_COUNT: '5',
    JOB_LAUNCHER_JOB_ID: 'j'
  })
  t.strictSame([...launcherVariables({ id: 'j', ports: [] })], [['JOB_LAUNCHER_JOB_ID', 'j']])
})

t.test('references to these variables are replaced, and all other text stays as it is', async t => {
  for (const [text, expected] of [
    ['--port=$(JOB_PORT)', '--port=8080'],
    ['$(JOB_PORT_1)$(JOB_ARRAY_INDEX)', '90903'],
    ['$$(JOB_PORT)', '$(JOB_PORT)'],
    ['$$(JOB_PORT_7) $(JOB_PORT_7)', '$(JOB_PORT_7) $(JOB_PORT_7)'],
    ['$$$(JOB_PORT)', '$$(JOB_PORT)'],
    ['$(JOB_PORT_2) $(HOME) $$(HOME) $$ $JOB_PORT $(JOB_PORT', null],
    ['$( JOB_PORT ) $(date +%s) $(toString) $()', null]
  ] as const) t.equal(replaced(text), expected ?? text)
})

t.test('a submission without arguments and variables stays as it is, and one is never changed in place', async t => {
  const plain = { name: 'n', command: 'echo $(JOB_PORT)' }
  t.strictSame(withReferences(plain, VARIABLES), plain)
  const environment = [{ name: 'URL', value: 'http://x:$(JOB_PORT)' }]
  const made = withReferences({ ...plain, environment }, VARIABLES)
  t.strictSame(made.environment, [{ name: 'URL', value: 'http://x:8080' }])
  t.equal(environment[0]!.value, 'http://x:$(JOB_PORT)')
})
