import t from 'tap'
import { readSetting } from '../../../launcher/config/setting-value.ts'
import type { Setting } from '../../../launcher/config/settings.ts'
import type { SettingType } from '../../../launcher/plugin.ts'

const read = (type: SettingType, text: string, bounds: Partial<Setting> = {}) =>
  readSetting({ key: 'K', type, description: '', ...bounds }, text)

t.test('each type is parsed into its rendered form', async t => {
  t.strictSame(read('boolean', 'Yes'), { value: 'true' })
  t.strictSame(read('duration', '2m'), { value: '2m' })
  t.strictSame(read('size', '5 MiB'), { value: '5 MiB' })
  t.strictSame(read('address', 'unix:/run//l.sock'), { value: '/run/l.sock' })
  t.strictSame(read('address', '127.0.0.1:1'), { value: '127.0.0.1:1' })
  t.strictSame(read('path', '/a//b/../c/'), { value: '/a/c' })
  t.strictSame(read('path', '/'), { value: '/' })
  t.strictSame(read('paths', '/a.yaml'), { value: '/a.yaml' })
  t.strictSame(read('tagged paths', 'gpu=/a.yaml'), { value: 'gpu=/a.yaml' })
  for (const type of ['text', 'list', 'whole number'] as const) t.strictSame(read(type, 'a, b'), { value: 'a, b' })
})

t.test('a text that the type does not allow is a problem that describes the form', async t => {
  const cases: Array<[SettingType, string, string]> = [
    ['boolean', '', 'has no value; leave it out to take the default'],
    ['boolean', 'ja', 'is not true or false (or yes, no, on, off, 1, 0): "ja"'],
    ['duration', '1w', 'is not a duration such as 500ms, 90s, 2m, 24h or 1d: "1w"'],
    ['size', '5M', 'is not a size such as 1024, 5MB or 5 MiB: "5M"'],
    ['address', 'x', 'is not an address such as /run/launcher.sock, 127.0.0.1:5559 or [::1]:5559: "x"'],
    ['path', 'a/b', 'is not an absolute path: "a/b"'],
    ['path', '~/b', 'is not an absolute path: "~/b"'],
    ['paths', 'b.yaml', 'is not an absolute path: "b.yaml"'],
    ['paths', '/a.yaml,/b.yaml', 'has a comma in its path: "/a.yaml,/b.yaml"'],
    ['tagged paths', 'gpu=/a,b', 'has a comma in its path: "gpu=/a,b"']
  ]
  for (const [type, text, problem] of cases) t.strictSame(read(type, text), { problem }, `${type} ${text}`)
})

t.test('a duration outside its bounds, or not in whole seconds, is a problem', async t => {
  const bounds = { least: '1s', most: '1h' }
  t.strictSame(read('duration', '0', bounds), { problem: 'is less than 1s: "0"' })
  t.strictSame(read('duration', '61m', bounds), { problem: 'is more than 1h: "61m"' })
  t.strictSame(read('duration', '1h', bounds), { value: '1h' })
  t.strictSame(read('duration', '1500ms', { whole: 'seconds' }), {
    problem: 'is not a whole number of seconds: "1500ms"'
  })
})
