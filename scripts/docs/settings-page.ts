// Writes docs/reference/settings.md from the table of settings.

import { LAUNCHER_CONF } from '../../launcher/config/load.ts'
import {
  RENDERED_CLUSTERS,
  RENDERED_SERVER,
  renderedClusterSection,
  type RenderedKeys
} from '../../launcher/config/setting-map.ts'
import { SETTINGS, settingName, type Setting } from '../../launcher/config/settings.ts'
import { code, table } from './table.ts'

export function settingsPage (): string {
  return `# Settings

<!-- Written by scripts/docs.ts from launcher/config/settings.ts. -->

What a host server may set: in its own settings file, an INI file of whatever other content, in section \`[Launcher]\`, or
on the command line with \`--set Launcher.Key=value\`. Precedence: default, file, \`--set\`; of two \`--set\` for one key the last
counts. \`job-launcher render\` and \`job-launcher serve\` render the [conf files](conf.md) from them.

A key that is not known stops the start, as does a value that cannot be read; every problem is told at once, with file
and line. A value with \`#\`, \`;\` or a quote at its start stands in double quotes, as a JSON string; comments stand on lines
of their own.

${table(['key', 'type', 'default when a host spawns it', 'default of a stand-alone launcher', 'what it is for', 'rendered as'], SETTINGS.map(row))}

## Types

${table(['type', 'written as'], [
  ['boolean', '`true`, `yes`, `on`, `1`, `false`, `no`, `off`, `0`, in any case'],
  ['duration', '`500ms`, `90s`, `2m`, `24h`, `1d`; a plain number means seconds'],
  ['size', '`1024`, `5MB` (5,000,000 bytes), `5 MiB` (5,242,880 bytes); B, KB, MB, GB, KiB, MiB, GiB'],
  ['address', '`/path`, `unix:/path`, `127.0.0.1:5559`, `[::1]:5559`; a socket path has at most 107 bytes'],
  ['path', 'absolute'],
  ['paths', 'absolute; give the key once for each. Those of `--set` replace those of the file'],
  ['tagged paths', 'a tag, `=` and an absolute path, such as `gpu=/etc/my-host/gpu.yaml`; give the key once for each'],
  ['user', 'name of a user'],
  ['namespace', 'at most 63 lower-case letters, digits and inner `-`'],
  ['name', 'at most 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends'],
  ['image', 'name of an image, such as `registry.example/host/runtime:1.2`'],
  ['version', 'as the tag of an image is written: letters, digits, `_`, `.` and `-`'],
  ['data folder', 'absolute path, or `HOST:/EXPORT` of an NFS server; without `..`'],
  ['sub-path', 'path inside a volume, without `/` at its start and without `..`'],
  ['matching', '`exact`, `major-minor`, `nearest`'],
  ['label', 'at most 63 letters, digits, `.`, `_` and `-`, with a letter or digit at both ends'],
  ['url', '`https://kubernetes.example:6443`'],
  ['base64', 'letters, digits, `+` and `/`, on one line'],
  ['text', 'at most 128 characters on one line'],
  ['log level', '`fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`']
])}

## What must go together

- \`Launcher.ScratchPath\` lies outside \`Launcher.ConfigDir\`, and both can be created or written.
- \`Launcher.Local\` or \`Launcher.Kubernetes\` is true.
- \`Launcher.CertificateFile\` and \`Launcher.CertificateKeyFile\` are both set or both not; an address that other machines can
  reach needs them.
- \`Launcher.Kubeconfig\` and \`Launcher.KubernetesApiUrl\` are not both set; \`Launcher.KubernetesAuthTokenPath\` and
  \`Launcher.KubernetesCACertificateData\` belong to \`Launcher.KubernetesApiUrl\`, which needs the first of them.
- \`Launcher.RuntimeInitImage\` has the tag \`Launcher.HostVersion\`, or none; without \`Launcher.HostVersion\` it has a tag.
- \`Launcher.DataDir\` and \`Launcher.DataDirPVCName\` are not both set; \`Launcher.DataDirPVCSubPath\` belongs to the latter.
- No other launcher, whose scratch path is still there, rendered into \`Launcher.ConfigDir\`. To take its folder over, delete
  \`.job-launcher.json\` in it.
`
}

function row (setting: Setting): string[] {
  return [
    code(settingName(setting.key)),
    setting.type,
    defaultText(setting, setting.spawned),
    defaultText(setting, setting.standAlone ?? setting.spawned),
    setting.description + bounds(setting),
    renderedAs(setting.key)
  ]
}

/** {Key} is written as people write it: ${Key}. */
function defaultText (setting: Setting, text: string | undefined): string {
  return code(text?.replaceAll('{', '$' + '{')) + (setting.ifExists === true ? ' if it exists' : '')
}

function bounds ({ least, most }: Setting): string {
  return least === undefined || most === undefined ? '' : ` From ${least} to ${most}.`
}

function renderedAs (key: string): string {
  const files: Array<[string, RenderedKeys]> = [
    [LAUNCHER_CONF, RENDERED_SERVER],
    ...RENDERED_CLUSTERS.map(cluster => [cluster.file, cluster.keys] as [string, RenderedKeys])
  ]
  const places = files.flatMap(([file, keys]) => keysFrom(keys, key).map(name => `${file}: ${code(name)}`))
  const switched = RENDERED_CLUSTERS.find(cluster => cluster.setting === key)
  if (switched !== undefined) places.push(`${LAUNCHER_CONF}: a section \`[cluster]\` of type \`${switched.type}\``)
  if (keysFrom(renderedClusterSection(RENDERED_CLUSTERS[0]!), key).length > 0) {
    places.push(`${LAUNCHER_CONF}: the folder in \`config-file\``)
  }
  return places.length === 0 ? '–' : places.join(', ')
}

function keysFrom (keys: RenderedKeys, setting: string): string[] {
  return Object.entries(keys).filter(([, rendered]) => rendered.setting === setting).map(([name]) => name)
}
