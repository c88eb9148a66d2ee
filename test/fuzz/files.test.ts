// Whatever an operator's file contains, reading it gives its content or a coded error that names the place.

import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../launcher/config/load.ts'
import { readSettings } from '../../launcher/config/read-settings.ts'
import { renderConf } from '../../launcher/config/render.ts'
import { renderGiven } from '../../launcher/config/render-given.ts'
import { resolveSettings } from '../../launcher/config/resolve-settings.ts'
import { settingsOf } from '../../launcher/config/settings.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { readIniValue, writeIniValue } from '../../launcher/lib/ini-value.ts'
import { scanIni } from '../../launcher/lib/read-ini.ts'
import { plugins } from '../../plugins/index.ts'
import { readWantedVersion } from '../../plugins/kubernetes/images/version-range.ts'
import { readVersion } from '../../plugins/kubernetes/images/version.ts'
import { loadPolicy } from '../../plugins/kubernetes/policy/policy.ts'
import { bentText } from './bent-text.ts'
import { fuzz } from './fuzz.ts'

const SETTINGS =
  '[Launcher]\nConfigDir = /etc/host/launcher\nScratchPath = /var/lib/host\nKubernetes = true\nServerUser = ' +
  'host\nJobExpiry = 24h\nAddress = 127.0.0.1:5559\nLogLevel = info\n\n[Other]\nKey = "value"\n'
const sample = (name: string): string => readFileSync(join(import.meta.dirname, '../../examples', name), 'utf8')
const PROFILES = sample('policy/launcher.kubernetes.profiles.conf')
const DEFINITIONS = sample('policy/runtime.yaml')

/** Aliases of aliases: a thousand million of one word. */
const MANY_ALIASES = [
  'a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]',
  ...Array.from('bcdefghi', (letter, index) => {
    const before = 'abcdefghi'[index]
    return `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`
  }),
  'images: *i'
].join('\n')

const all = settingsOf(plugins)

/** An error of a file names the file. */
function naming (error: unknown, file: string): never {
  if (isLauncherError(error) && !error.message.includes(file)) {
    throw new Error(`the error does not name ${file}: ${error.message}`)
  }
  throw error
}

await fuzz(
  t,
  'an INI file is read or its problems are listed, without an exception',
  bentText([SETTINGS, PROFILES]),
  text => {
    const { sections, problems } = scanIni(text, { file: 'f' })
    const lines = text.split('\n').length
    for (const { line } of [...sections, ...problems]) {
      if (line! < 1 || line! > lines) throw new Error(`line ${line} of ${lines}`)
    }
  }
)

await fuzz(
  t,
  'a value of an INI file is read as it was written',
  fc.string({ unit: 'binary', maxLength: 60 }),
  text => {
    const read = readIniValue(writeIniValue(text))
    if (text.includes('\0') ? !('problem' in read) : !('value' in read) || read.value !== text) {
      throw new Error(JSON.stringify(read))
    }
  }
)

await fuzz(
  t,
  'settings and --set become values or SettingsInvalid that names the place',
  fc.tuple(
    bentText([SETTINGS]),
    fc.array(bentText(['Launcher.LogLevel=debug', 'Launcher.Local=false']), { maxLength: 3 })
  ),
  async ([text, set]) => {
    try {
      const { given, problems } = readSettings(text, 'host.gcfg', set, all)
      await renderGiven({ all, given, plugins, exists: existsSync }, problems)
    } catch (error) {
      if (isLauncherError(error, 'SettingsInvalid')) {
        naming(
          error,
          /--set/.test(error.message) ? '--set' : /host\.gcfg/.test(error.message) ? 'host.gcfg' : 'Launcher.'
        )
      }
      throw error
    }
  }
)

const { given } = readSettings('[Launcher]\nKubernetes = true\n', 'host.gcfg', [], all)
const { files: rendered } = renderConf(resolveSettings(all, given, () => false).settings, plugins)
for (const name of rendered.keys()) {
  await fuzz(
    t,
    `${name} is loaded or refused with its name`,
    bentText([rendered.get(name)!.replaceAll(/^ *#.*\n/gm, '')]),
    async text => {
      try {
        await loadConfig('/etc/x', plugins, async path =>
          basename(path) === name ? text : rendered.get(basename(path))
        )
      } catch (error) {
        naming(error, '.conf')
      }
    }
  )
}

const files = { profilesFile: '/p/profiles', definitionFiles: ['/p/definitions.yaml'] }
await fuzz(t, 'profiles are loaded or refused with file and line', bentText([PROFILES]), async text => {
  await loadPolicy(files, async file => ({ text: file === '/p/profiles' ? text : '[]' })).catch(error =>
    naming(error, '/p/')
  )
})

await fuzz(
  t,
  'image definitions in YAML are loaded or refused with file and line',
  bentText([
    DEFINITIONS,
    JSON.stringify({ images: [{ name: 'x', r: { installations: [{ version: '4.4.1', path: '/r' }] } }] })
  ]),
  async text => {
    await loadPolicy(files, async file => ({ text: file === '/p/definitions.yaml' ? text : '' })).catch(error =>
      naming(error, '/p/')
    )
  },
  {
    examples: [
      MANY_ALIASES,
      'images: '.repeat(2000),
      '['.repeat(20_000),
      '- '.repeat(20_000),
      `${'a: {'.repeat(5000)}`,
      '&a [*a]',
      'images: &a [*a]',
      '? '.repeat(5000)
    ]
  }
)

await fuzz(
  t,
  'a requested version, or one of an image, is read or reported as invalid',
  bentText(['4.4.1', '>=3.9, <3.12', '~=3.11.0', '4.x', '==3.*', '!=3.9.1 || >4']),
  text => {
    readVersion(text)
    for (const short of ['zeros', 'line'] as const) readWantedVersion(text, short)
  }
)
