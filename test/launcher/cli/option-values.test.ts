import t from 'tap'
import type { CommandContext } from '../../../launcher/cli/command.ts'
import { optionalCount, optionalText, positionalArguments, textList } from '../../../launcher/cli/option-values.ts'

const context = (...positionals: string[]) => ({ positionals } as unknown as CommandContext)

t.test('values are returned in the requested type', async t => {
  const values = { text: 'a', list: ['a', 'b'], flag: true, count: '12' }
  t.equal(optionalText(values, 'text'), 'a')
  t.equal(optionalText(values, 'none'), undefined)
  t.same(textList(values, 'list'), ['a', 'b'])
  t.same(textList(values, 'none'), [])
  t.equal(optionalCount(values, 'count'), 12)
  t.equal(optionalCount(values, 'none'), undefined)
})

t.test('a count that is not a whole number is refused', async t => {
  for (const count of ['-1', '1.5', 'x', '', '9999999999999999']) {
    t.throws(() => optionalCount({ limit: count }, 'limit'), {
      code: 'UsageError',
      message: `--limit ${count}: must be a whole number`
    })
  }
})

t.test('exactly the named arguments are taken', async t => {
  t.same(positionalArguments(context('a', 'b'), 'ID', 'OPERATION'), ['a', 'b'])
  t.throws(() => positionalArguments(context('a'), 'ID', 'OPERATION'), {
    code: 'UsageError',
    message: 'OPERATION is missing'
  })
  t.throws(() => positionalArguments(context('a', 'b'), 'ID'), {
    code: 'UsageError',
    message: 'unexpected argument "b"'
  })
})
