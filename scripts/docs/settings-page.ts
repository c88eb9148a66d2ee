// Writes docs/reference/settings.md from the conf keys that declare settings.

import { confSections, LAUNCHER_CONF } from '../../launcher/config/conf-files.ts'
import { settingOf } from '../../launcher/config/render.ts'
import { isRepeatable, settingName, settingsOf, type Setting } from '../../launcher/config/settings.ts'
import type { PluginDefinition } from '../../launcher/plugin.ts'
import { code, table } from './table.ts'

export function settingsPage (plugins: readonly PluginDefinition[]): string {
  return `# Settings

<!-- Written by scripts/docs.ts from the conf keys that declare settings. -->

What a host server may set: in its own settings file, an INI file of whatever other content, in section
\`[Launcher]\`, or on the command line with \`--set Launcher.Key=value\`. Precedence: default, file, \`--set\`; of two
\`--set\` for one key the last counts. \`job-launcher render\` and \`job-launcher serve\` render the
[conf files](conf.md) from them. In a default, \`{Key}\` stands for the value of another setting.

An unknown key stops the start, as does a value that cannot be read. Every problem is reported at once, with file and
line. A value with \`#\`, \`;\` or a quote at its start stands in double quotes, as a JSON string; comments stand on
lines of their own.

${table(
  [
    'key',
    'type',
    'default when a host spawns it',
    'default of a stand-alone launcher',
    'what it is for',
    'rendered as'
  ],
  settingsOf(plugins).map(setting => row(setting, plugins))
)}

## Types

${table(['type', 'written as'], [
  ['boolean', '`true`, `yes`, `on`, `1`, `false`, `no`, `off`, `0`, in any case'],
  ['duration', '`500ms`, `90s`, `2m`, `24h`, `1d`; a plain number means seconds'],
  ['size', '`1024`, `5MB` (5,000,000 bytes), `5 MiB` (5,242,880 bytes); B, KB, MB, GB, KiB, MiB, GiB'],
  ['address', '`/path`, `unix:/path`, `127.0.0.1:5559`, `[::1]:5559`; a socket path has at most 107 bytes'],
  ['path', 'absolute'],
  ['paths', 'absolute; give the key once for each. Those of `--set` replace those of the file'],
  ['tagged paths', 'a tag, `=` and an absolute path, such as `gpu=/etc/my-host/gpu.yaml`; give the key once for each'],
  ['list', 'with commas between the items'],
  ['whole number', 'digits'],
  ['text', 'as it is; what it may be stands with the setting']
])}

## What must go together

- \`Launcher.ScratchPath\` lies outside \`Launcher.ConfigDir\`, and both can be created or written.
- \`Launcher.Local\` or \`Launcher.Kubernetes\` is true.
- \`Launcher.CertificateFile\` and \`Launcher.CertificateKeyFile\` are both set or both not; an address that other
  machines can reach needs them.
- \`Launcher.Kubeconfig\` and \`Launcher.KubernetesApiUrl\` are not both set.
- \`Launcher.KubeconfigContext\` belongs to a kubeconfig.
- \`Launcher.KubernetesAuthTokenPath\` and \`Launcher.KubernetesCACertificateData\` belong to
  \`Launcher.KubernetesApiUrl\`, which needs the first of them.
- \`Launcher.RuntimeInitImage\` has the tag \`Launcher.HostVersion\`, or none; without \`Launcher.HostVersion\` it has
  a tag.
- \`Launcher.RuntimeDelivery\` is \`image-volume\` only with \`Launcher.RuntimeImagePath\`.
- \`Launcher.DataDir\` and \`Launcher.DataDirPVCName\` are not both set; \`Launcher.DataDirPVCSubPath\` belongs to
  the latter.
- No other launcher, whose scratch path still exists, rendered into \`Launcher.ConfigDir\`. To take its folder over,
  delete \`.job-launcher.json\` in it.
`
}

function row (setting: Setting, plugins: readonly PluginDefinition[]): string[] {
  return [
    code(settingName(setting.key)),
    setting.type,
    code(setting.spawned) + (setting.ifExists === true ? ' if it exists' : ''),
    code(setting.standAlone),
    [setting.description, form(setting), bounds(setting)].filter(text => text !== '').join(' '),
    renderedAs(setting.key, plugins)
  ]
}

/** The types of paths have their form in the table of types. */
function form (setting: Setting): string {
  return setting.expected === undefined || setting.type !== 'text' || isRepeatable(setting)
    ? ''
    : `Form: ${code(setting.expected)}.`
}

function bounds ({ least, most }: Setting): string {
  if (least === undefined) return ''
  return most === undefined ? `At least ${least}.` : `From ${least} to ${most}.`
}

function renderedAs (key: string, plugins: readonly PluginDefinition[]): string {
  const places = confSections(plugins).flatMap(({ file, name, keys }) => Object.entries(keys)
    .filter(([, confKey]) => settingOf(confKey) === key)
    .map(([confKey]) => name === 'cluster'
      ? `${file}: ${code(confKey)} in \`[cluster]\``
      : `${file}: ${code(confKey)}`))
  const cluster = plugins.find(({ enabledBy }) => enabledBy?.key === key)
  if (cluster !== undefined) places.push(`${LAUNCHER_CONF}: a section \`[cluster]\` of type \`${cluster.type}\``)
  return places.length === 0 ? '–' : [...new Set(places)].join(', ')
}
