import t from 'tap'
import { problemText } from '../../../launcher/lib/problem.ts'
import { scanIni } from '../../../launcher/lib/read-ini.ts'

const file = '/etc/x.conf'
const read = (text: string) => scanIni(text, { file }).sections

t.test('sections keep their order, repeated ones stay separate, and every key has its line', async t => {
  t.strictSame(read('# note\n[cluster]\nname = a\n\n; note\n[cluster]\nname=b=c\n[ x.y ]\n'), [
    { name: 'cluster', line: 2, entries: [{ key: 'name', value: 'a', line: 3 }] },
    { name: 'cluster', line: 6, entries: [{ key: 'name', value: 'b=c', line: 7 }] },
    { name: 'x.y', line: 8, entries: [] }
  ])
})

t.test('a byte order mark, CRLF and a missing last line end are read correctly', async t => {
  t.strictSame(read('\uFEFF[server]\r\nport=5559\r\naddress="::1"'), [
    {
      name: 'server',
      line: 1,
      entries: [
        { key: 'port', value: '5559', line: 2 },
        { key: 'address', value: '::1', line: 3 }
      ]
    }
  ])
})

t.test('an empty text has no sections', async t => {
  t.strictSame(read(''), [])
})

t.test('names of JavaScript object members are ordinary keys', async t => {
  t.strictSame(
    read('[__proto__]\n__proto__=1\nconstructor=2').map(section => section.entries.map(entry => entry.key)),
    [['__proto__', 'constructor']]
  )
})

t.test('each ambiguous line is refused with file and line', async t => {
  const cases: Array<[string, string]> = [
    [
      '[server]\nport=5559 ; note',
      '/etc/x.conf line 2: port has ; in its value; put the value in double quotes, or the comment on its own line'
    ],
    [
      '[server]\nname=a#b',
      '/etc/x.conf line 2: name has # in its value; put the value in double quotes, or the comment on its own line'
    ],
    ['[server]\nport=1\n\nport=2', '/etc/x.conf line 4: port is already defined in line 2'],
    ['[server] ; note\nport=1', '/etc/x.conf line 1: [server] has text after ]; put it on its own line: ; note'],
    ['[server]x', '/etc/x.conf line 1: [server] has text after ]; put it on its own line: x'],
    ['port=1', '/etc/x.conf line 1: port is before the first section'],
    ['[server]\nport', '/etc/x.conf line 2: does not have the form key=value: port'],
    [`[server]\n${'x'.repeat(100)}`, `/etc/x.conf line 2: does not have the form key=value: ${'x'.repeat(80)}…`],
    ['[server]\n=1', '/etc/x.conf line 2: has no key before ='],
    [
      '[server\nport=1',
      "/etc/x.conf line 1: has no ] after the section's name: [server\n/etc/x.conf line 2: port is before the " +
      'first section'
    ],
    ['[server]\nname="a', '/etc/x.conf line 2: name has an unclosed quote'],
    ['[server]\nname=a\0b', '/etc/x.conf line 2: has a NUL byte'],
    ['[ser\0ver]', '/etc/x.conf line 1: has a NUL byte']
  ]
  for (const [text, message] of cases) {
    t.equal(scanIni(text, { file }).problems.map(problemText).join('\n'), message)
  }
})

t.test('all problems of a file are reported at once, and correct lines are still read', async t => {
  const { sections, problems } = scanIni('[a]\nx=1\nx=2\ny=;\nz=3', { file })
  t.strictSame(problems.map(problem => problem.line), [3, 4])
  t.strictSame(sections[0]?.entries.map(entry => entry.key), ['x', 'z'])
})

t.test('a repeatable key keeps each of its values', async t => {
  const { sections, problems } = scanIni('[a]\nx=1\nx=2', { file, mayRepeat: key => key === 'x' })
  t.strictSame(problems, [])
  t.strictSame(sections[0]?.entries.map(entry => entry.value), ['1', '2'])
})

t.test('in sections of others only the headers are recognised, and nothing is checked', async t => {
  const text = [
    'stray\0 line', '[Server "main"] ; note', 'Key = "a" # b', 'Key = again', 'no form at all',
    '[Launcher]', 'Local=yes', '[Other] # note', '= ;', '[Launcher]', 'bad'
  ].join('\n')
  const { sections, problems } = scanIni(text, { file, ours: name => name === 'Launcher' })
  t.strictSame(problems.map(problemText), ['/etc/x.conf line 11: does not have the form key=value: bad'])
  t.strictSame(sections.map(section => [section.name, section.line, section.entries.length]), [
    ['Server "main"', 2, 0], ['Launcher', 6, 1], ['Other', 8, 0], ['Launcher', 10, 0]
  ])
})
