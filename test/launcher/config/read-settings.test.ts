import t from 'tap'
import { readSettings } from '../../../launcher/config/read-settings.ts'
import { settingsOf } from '../../../launcher/config/settings.ts'
import { problemText } from '../../../launcher/lib/problem.ts'
import { plugins } from '../../../plugins/index.ts'

const all = settingsOf(plugins)
const FILE = '/h/host.gcfg'
const read = (text: string, set: string[] = []) => {
  const { given, problems } = readSettings(text, FILE, set, all)
  return { given: Object.fromEntries(given), problems: problems.map(problemText) }
}

t.test('only section [Launcher] is read, and each value has its line', async t => {
  t.strictSame(read('[Server]\nAddress = :3939 ; odd\n[Launcher]\nLocal = no\n[Http]\nbroken\n'), {
    given: { Local: [{ text: 'no', file: FILE, line: 4 }] },
    problems: []
  })
})

t.test("--set overrides the file, with or without the section's name, and the last one counts", async t => {
  t.strictSame(
    read('[Launcher]\nLocal=no\nLogLevel=warn', ['Launcher.Local=yes', 'JobExpiry=1h', 'JobExpiry = 2h ']).given,
    {
      Local: [{ text: 'yes', file: '--set' }],
      LogLevel: [{ text: 'warn', file: FILE, line: 3 }],
      JobExpiry: [{ text: '2h', file: '--set' }]
    }
  )
})

t.test('a repeatable setting collects its values, and --set replaces all values of the file', async t => {
  const text = '[Launcher]\nClusterDefinition=/a\n[Other]\n[Launcher]\nClusterDefinition=/b'
  t.strictSame(
    read(text).given.ClusterDefinition?.map(given => given.text),
    ['/a', '/b']
  )
  t.strictSame(
    read(text, ['ClusterDefinition=/c', 'ClusterDefinition=/d=e']).given.ClusterDefinition?.map(given => given.text),
    ['/c', '/d=e']
  )
})

t.test('each mistake is a problem with its place and a suggestion', async t => {
  const cases: Array<[string, string[], string[]]> = [
    [
      '[Launcher]\nJobExpirey=1h',
      [],
      ['/h/host.gcfg line 2: Launcher.JobExpirey is not a known setting; did you mean Launcher.JobExpiry?']
    ],
    [
      '[Launcher]\nlocal=no',
      [],
      ['/h/host.gcfg line 2: Launcher.local is not a known setting; did you mean Launcher.Local?']
    ],
    ['[Launcher]\nSomethingElse=no', [], ['/h/host.gcfg line 2: Launcher.SomethingElse is not a known setting']],
    ['[Launcher]\n__proto__=1', [], ['/h/host.gcfg line 2: Launcher.__proto__ is not a known setting']],
    [
      '[Launcher]',
      ['Launcher.Lokal=1'],
      ['--set: Launcher.Lokal is not a known setting; did you mean Launcher.Local?']
    ],
    [
      '[Launcher]\nLocal=no\n[A]\n[Launcher]\nLocal=yes',
      [],
      ['/h/host.gcfg line 5: Launcher.Local is already defined in line 2']
    ],
    [
      '[Launcher] ; note\nLocal=no',
      [],
      ['/h/host.gcfg line 1: [Launcher] has text after ]; put it on its own line: ; note']
    ],
    ['', [], ['/h/host.gcfg: has no section [Launcher]']],
    [
      '[A]\n[launcher]\nLocal=no',
      [],
      ['/h/host.gcfg: has no section [Launcher]; is [launcher] in line 2 a misspelling of it?']
    ],
    [
      '[Launcher]\nLocal=no ; x\nFoo\nLocal=yes\nLocal=no',
      [],
      [
        '/h/host.gcfg line 2: Launcher.Local has ; in its value; put the value in double quotes, or the comment on ' +
        'its own line',
        '/h/host.gcfg line 3: does not have the form key=value: Foo',
        '/h/host.gcfg line 5: Launcher.Local is already defined in line 4'
      ]
    ]
  ]
  for (const [text, set, problems] of cases) t.strictSame(read(text, set).problems, problems, text)
})

t.test('--set without a key and a value is a usage error', async t => {
  for (const text of ['Launcher.Local', '=x', '']) {
    t.throws(() => read('[Launcher]', [text]), {
      code: 'UsageError',
      message: `--set takes Launcher.Key=value, not ${JSON.stringify(text)}`
    })
  }
})
