import t from 'tap'
import type { Command } from '../../../launcher/cli/command.ts'
import { parseCommandLine } from '../../../launcher/cli/parse-command-line.ts'

const COMMAND: Command = {
  name: 'run',
  summary: 'Run',
  usage: '',
  options: {
    file: { type: 'string', short: 'f', help: '' },
    tag: { type: 'string', multiple: true, help: '' },
    json: { type: 'boolean', help: '' }
  },
  run: async () => 0
}

const parse = (...args: string[]) => parseCommandLine(COMMAND, args)

t.test('options, arguments and the words behind -- are separated', async t => {
  t.match(parse('a', '--tag', 'x', '--tag=--y', '--json', '-f', '-', '--', 'ls', '-l', '--json'), {
    values: { tag: ['x', '--y'], json: true, file: '-' },
    positionals: ['a', 'ls', '-l', '--json'],
    help: false
  })
  t.same(parse('--', '--help').positionals, ['--help'])
})

t.test('--help is always known', async t => {
  t.match(parse('--help', '--json'), { help: true, values: { json: true } })
})

t.test('a wrong option is named, with the closest known one', async t => {
  const wrong: Array<[string[], string]> = [
    [['--jsn'], 'run: there is no option --jsn; did you mean --json?'],
    [['--something-else'], 'run: there is no option --something-else'],
    [['-x'], 'run: there is no option -x'],
    [['--constructor'], 'run: there is no option --constructor'],
    [['--json=yes'], 'run: --json takes no value'],
    [['--tag'], 'run: --tag needs a value'],
    [['--tag', '--json'], 'run: --tag needs a value'],
    [['--file', 'a', '-f', 'b'], 'run: -f is given twice']
  ]
  for (const [args, message] of wrong) t.throws(() => parse(...args), { code: 'UsageError', message }, args.join(' '))
})
