import t from 'tap'
import { formatFacts } from '../../../launcher/cli/facts.ts'

t.test('each fact has a line, lists are shown as JSON, and missing facts are left out', async t => {
  t.equal(
    formatFacts({ id: 'a', exitCode: 0, tags: ['x'], none: undefined, name: 'a\nb' }),
    'id        a\nexitCode  0\ntags      ["x"]\nname      a\\nb\n'
  )
})
