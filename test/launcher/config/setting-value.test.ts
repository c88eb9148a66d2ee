import t from 'tap'
import { readSetting } from '../../../launcher/config/setting-value.ts'
import type { Setting, SettingType } from '../../../launcher/config/settings.ts'

const read = (type: SettingType, text: string, bounds: Partial<Setting> = {}) =>
  readSetting({ key: 'K', type, description: '', ...bounds }, text)

t.test('each type reads its text', async t => {
  t.strictSame(read('boolean', 'Yes'), { value: true })
  t.strictSame(read('duration', '2m'), { value: 120_000 })
  t.strictSame(read('size', '5 MiB'), { value: 5_242_880 })
  t.strictSame(read('address', 'unix:/run//l.sock'), { value: { socket: '/run/l.sock' } })
  t.strictSame(read('address', '127.0.0.1:1'), { value: { host: '127.0.0.1', port: 1 } })
  t.strictSame(read('path', '/a//b/../c/'), { value: '/a/c' })
  t.strictSame(read('path', '/'), { value: '/' })
  t.strictSame(read('paths', '/a.yaml'), { value: '/a.yaml' })
  t.strictSame(read('user', 'anna.b'), { value: 'anna.b' })
  t.strictSame(read('text', 'two words'), { value: 'two words' })
  t.strictSame(read('namespace', 'a-1'), { value: 'a-1' })
  t.strictSame(read('name', 'a-1.b'), { value: 'a-1.b' })
  t.strictSame(read('label', 'Site_1'), { value: 'Site_1' })
  for (const url of ['https://k.example:6443', 'http://[::1]:8080/a/b']) t.strictSame(read('url', url), { value: url })
  t.strictSame(read('base64', 'QUJD+/A='), { value: 'QUJD+/A=' })
  t.strictSame(read('image', 'localhost:5000/r:1'), { value: 'localhost:5000/r:1' })
  t.strictSame(read('version', '2026.08.0'), { value: '2026.08.0' })
  for (const folder of ['/data', '/a..b', 'files.example:/export/x', '10.0.0.1:/']) {
    t.strictSame(read('data folder', folder), { value: folder })
  }
  t.strictSame(read('sub-path', 'a/..b'), { value: 'a/..b' })
  t.strictSame(read('log level', 'silent'), { value: 'silent' })
})

t.test('each type says what it wants instead', async t => {
  const cases: Array<[SettingType, string, string]> = [
    ['boolean', '', 'has no value; leave it out to take the default'],
    ['boolean', 'ja', 'is not true or false (or yes, no, on, off, 1, 0): "ja"'],
    ['duration', '1w', 'is not a duration such as 500ms, 90s, 2m, 24h or 1d: "1w"'],
    ['size', '5M', 'is not a size such as 1024, 5MB or 5 MiB: "5M"'],
    ['address', 'x', 'is not an address such as /run/launcher.sock, 127.0.0.1:5559 or [::1]:5559: "x"'],
    ['path', 'a/b', 'is not an absolute path: "a/b"'],
    ['path', '~/b', 'is not an absolute path: "~/b"'],
    ['paths', 'b.yaml', 'is not an absolute path: "b.yaml"'],
    ['tagged paths', 'gpu=a.yaml', 'is not a tag, =, and an absolute path: "gpu=a.yaml"'],
    ['paths', '/a.yaml,/b.yaml', 'has a comma in its path: "/a.yaml,/b.yaml"'],
    ['user', 'a b', 'is not a user name: "a b"'],
    ['text', 'a\nb', 'is not text of at most 128 characters on one line: "a\\nb"'],
    ['namespace', 'A', 'is not a name of at most 63 lower-case letters, digits and inner -: "A"'],
    ['namespace', 'a-', 'is not a name of at most 63 lower-case letters, digits and inner -: "a-"'],
    ['name', 'a..b', 'is not a name of lower-case letters, digits, - and .: "a..b"'],
    ['name', 'a'.repeat(254), `is not a name of lower-case letters, digits, - and .: "${'a'.repeat(254)}"`],
    ['label', 'site-', 'is not at most 63 letters, digits, . _ and -, with a letter or digit at both ends: "site-"'],
    ['url', 'k.example', 'is not a URL such as https://kubernetes.example:6443: "k.example"'],
    ['url', 'https://me:secret@k', 'is not a URL such as https://kubernetes.example:6443: "https://me:secret@k"'],
    ['base64', 'A B', 'is not text in base64: "A B"'],
    ['image', 'R:1', 'is not the name of an image, such as registry.example/host/runtime:1.2: "R:1"'],
    ['version', '1+2', 'is not a version as the tag of an image is written (letters, digits, _ . and -): "1+2"'],
    ...['data', 'files:data', ':/data', '/a/../b', 'files:/..', 'a b:/x'].map((text): [SettingType, string, string] => [
      'data folder',
      text,
      `is not an absolute path, or HOST:/EXPORT of an NFS server, without ..: ${JSON.stringify(text)}`
    ]),
    ...['/a', '..', 'a/../b', 'a/..'].map((text): [SettingType, string, string] => [
      'sub-path',
      text,
      `is not a path inside a volume, without / at its start and without ..: ${JSON.stringify(text)}`
    ]),
    ['log level', 'INFO', 'is not one of fatal, error, warn, info, debug, trace, silent: "INFO"']
  ]
  for (const [type, text, problem] of cases) t.strictSame(read(type, text), { problem }, `${type} ${text}`)
  const bounds = { least: '1s', most: '1h' }
  t.strictSame(read('duration', '0', bounds), { problem: 'is less than 1s: "0"' })
  t.strictSame(read('duration', '61m', bounds), { problem: 'is more than 1h: "61m"' })
  t.strictSame(read('duration', '1h', bounds), { value: 3_600_000 })
})
