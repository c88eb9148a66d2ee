import t from 'tap'
import { joinNames, OWN_NAMES, settingNames } from '../../../launcher/config/key-names.ts'

t.test('a key has its own name, or that of the setting that it is rendered from', async t => {
  t.equal(OWN_NAMES.nameOf('a.conf', 'port'), 'port')
  const names = settingNames([{ file: 'a.conf', key: 'port', setting: 'Address', line: 3 }])
  t.equal(names.nameOf('a.conf', 'port'), 'Launcher.Address')
  t.equal(names.nameOf('b.conf', 'port'), undefined)
  t.equal(names.configDir, 'Launcher.ConfigDir')
})

t.test('names are listed as in a sentence', async t => {
  t.strictSame([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(joinNames), ['', 'a', 'a and b', 'a, b and c'])
})
