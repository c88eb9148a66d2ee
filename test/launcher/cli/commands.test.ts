import t from 'tap'
import { COMMANDS } from '../../../launcher/cli/commands.ts'

t.test('every command has a unique name and a summary', async t => {
  t.equal(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length)
  for (const { name, summary, options } of COMMANDS) {
    t.match(summary, /^[A-Z].*[^.]$/, name)
    for (const [option, { type, value, help }] of Object.entries(options)) {
      t.ok(help.length > 0 && (type === 'boolean') === (value === undefined), `${name} --${option}`)
    }
  }
})
