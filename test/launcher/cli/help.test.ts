import t from 'tap'
import { COMMANDS } from '../../../launcher/cli/commands.ts'
import { commandHelp, overviewHelp } from '../../../launcher/cli/help.ts'
import { ERRORS } from '../../../launcher/errors.ts'

t.test('the overview lists every command and every exit code of an error', async t => {
  const text = overviewHelp(COMMANDS)
  for (const { name, summary } of COMMANDS) t.match(text, new RegExp(`^ {2}${name} +`, 'm'), summary)
  for (const { exit } of Object.values(ERRORS)) t.match(text, new RegExp(`^ {2}${exit} +`, 'm'), String(exit))
})

t.test('the help of a command lists every option with its value', async t => {
  for (const command of COMMANDS) {
    const text = commandHelp(command)
    t.match(text, `Usage: job-launcher ${command.name} ${command.usage}\n`)
    for (const [name, { value, help }] of Object.entries(command.options)) {
      t.ok(
        text.includes(`--${name}${value === undefined ? '' : ` ${value}`}  `) && text.includes(help),
        `${command.name} --${name}`
      )
    }
  }
})
