import t from 'tap'
import { isImageName } from '../../../launcher/lib/image-name.ts'

t.test('image names are distinguished from other texts', async t => {
  const digest = `@sha256:${'a'.repeat(64)}`
  for (const name of [
    'busybox',
    'busybox:1',
    'library/busybox:1.2-x_Y',
    'localhost/busybox:1',
    'localhost:5000/a/b/c',
    'Registry.Example.com/team/report',
    '10.0.0.1:5000/a',
    '[::1]:5000/a',
    'a_b/c__d/e-f/g---h/i.j',
    `a${digest}`,
    `registry.example/a:1${digest}`,
    `a:${'x'.repeat(128)}`
  ]) { t.ok(isImageName(name), name) }
  for (const name of [
    '',
    ' busybox',
    'busybox ',
    'busy box',
    'Busybox',
    'a//b',
    '/a',
    'a/',
    'a:',
    'a:b:c',
    'a:-x',
    'a@b',
    'a@sha256:12',
    '-a',
    'a-',
    'a..b',
    'a___b',
    'registry.example/Team/report',
    'https://registry.example/a',
    `a:${'x'.repeat(129)}`,
    'a\n',
    'ä'
  ]) { t.notOk(isImageName(name), JSON.stringify(name)) }
})

t.test('a long text that is almost a name is refused as quickly as any', async t => {
  t.notOk(isImageName(`${'a.'.repeat(511)}!`))
  t.notOk(isImageName(`${'a-'.repeat(511)}A`))
})
