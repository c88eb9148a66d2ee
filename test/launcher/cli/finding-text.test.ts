import t from 'tap'
import { findingText } from '../../../launcher/cli/finding-text.ts'

t.test('a finding is one line, with the remedy below it', async t => {
  t.equal(findingText({ check: 'clock', state: 'ok', message: 'Fine.' }, false), 'ok       clock               Fine.\n')
  t.equal(findingText({ check: 'api-server', state: 'missing', message: 'One.\nTwo.', help: 'Do.' }, false),
    'missing  api-server          One.\n         Two.\n         Do.\n')
})

t.test('only the state is coloured', async t => {
  t.equal(
    findingText({ check: 'clock', state: 'warning', message: 'Late.' }, true),
    '\x1b[33mwarning  \x1b[0mclock               Late.\n'
  )
})

t.test('text from a server cannot move the cursor', async t => {
  t.match(findingText({ check: 'clock', state: 'ok', message: 'a\x1b[2Jb' }, false), 'a\\x1b[2Jb')
})
