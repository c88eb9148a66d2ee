import t from 'tap'
import { loadConfig } from '../../../launcher/config/load.ts'
import { NAME_FORM } from '../../../launcher/model/account-name.ts'
import type { PluginDefinition } from '../../../launcher/plugin.ts'
import { CLUSTER, load, refused } from './conf-texts.ts'
import { samplePlugin } from './sample-plugin.ts'

t.test('each invalid key of a [cluster] section is refused with file and line', async t => {
  const at = (line: number, problem: string) => `/c/launcher.conf line ${line}: ${problem}`
  const cases: Array<[string, string]> = [
    ['[cluster]\nname=x', at(1, 'type is missing')],
    [
      '[cluster]\ntype=Lokal',
      at(2, 'type is "Lokal", which no plugin backs; did you mean Local? There are: Local, Kubernetes')
    ],
    ['[cluster]\ntype=Slurm', at(2, 'type is "Slurm", which no plugin backs. There are: Local, Kubernetes')],
    [`${CLUSTER}name=../x`, at(3, 'name is not a name of at most 64 letters, digits, . _ and -: "../x"')],
    [`${CLUSTER}config-file=x.conf`, at(3, 'config-file is not an absolute path: "x.conf"')],
    [`${CLUSTER}allowed-groups=a,,b`, at(3, `allowed-groups[1] is not a group name (${NAME_FORM})`)],
    [`${CLUSTER}allowed-groups=a,@b`, at(3, `allowed-groups[1] is not a group name (${NAME_FORM})`)]
  ]
  await refused(t, cases)
})

t.test('each invalid key of a cluster\'s own file is refused with file and line', async t => {
  const at = (line: number, problem: string) => `/c/launcher.local.conf line ${line}: ${problem}`
  const cases: Array<[string, string]> = [
    ['[kubernetes]', at(1, '[kubernetes] is not a known section')],
    ['[locl]', at(1, '[locl] is not a known section; did you mean [local]?')],
    ['[local]\nconcurency=1', at(2, 'concurency is not a known key; did you mean concurrency?')],
    ['[local]\nconcurrency=0', at(2, 'concurrency must be >= 1: 0')],
    ['[local]\nconcurrency=1001', at(2, 'concurrency must be <= 1000: 1001')],
    ['[local]\nconcurrency=1.5', at(2, 'concurrency is not a whole number: "1.5"')],
    ['[local]\nmax-waiting-jobs=0', at(2, 'max-waiting-jobs must be >= 1: 0')],
    [
      '[local]\nallow-unenforced-limits=2',
      at(2, 'allow-unenforced-limits is not true or false (or yes, no, on, off, 1, 0): "2"')
    ],
    ['[local]\nratio=-1', at(2, 'ratio must be >= 0: -1')],
    ['concurrency=1', at(1, 'concurrency is before the first section')]
  ]
  for (const [text, message] of cases) {
    await t.rejects(
      load({ 'launcher.conf': CLUSTER, 'launcher.local.conf': text }),
      { code: 'ConfInvalid', message },
      text
    )
  }
})

t.test('a plugin gets the line that sets a key, and none for a default', async t => {
  const lines: unknown[] = []
  const plugin: PluginDefinition = {
    ...samplePlugin('Local'),
    configOf (_keys, { lineOf }) { lines.push(lineOf('ratio'), lineOf('list')) }
  }
  await loadConfig('/c', [plugin], async path =>
    path === '/c/launcher.conf' ? CLUSTER : '[local]\nratio=1\n'
  )
  t.strictSame(lines, [{ file: '/c/launcher.local.conf', line: 2 }, undefined])
})
