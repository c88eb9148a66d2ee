import t from 'tap'
import { programTexts } from '../../../launcher/plugin-kit/argument-sizes.ts'

t.test('each text passed to a program comes with its field', async t => {
  t.strictSame(
    programTexts({
      name: 'n',
      command: 'c',
      exe: 'e',
      args: ['a', 'b'],
      environment: [{ name: 'A', value: '1' }],
      secrets: [{ name: 'S', value: '2' }],
      stdin: 'not one of them'
    }),
    [
      ['command', 'c'],
      ['exe', 'e'],
      ['args[0]', 'a'],
      ['args[1]', 'b'],
      ['environment[0]', 'A1'],
      ['secrets[0]', 'S2']
    ]
  )
  t.strictSame(programTexts({ name: 'n' }), [])
})
