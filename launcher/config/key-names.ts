// Names the keys of the conf files in messages: by their own names, or by the settings that they are rendered from.

import { settingName } from './settings.ts'
import type { LineOrigin } from './setting-problems.ts'

export interface KeyNames {
  /** Whether the files are rendered from the settings of a host. */
  readonly rendered: boolean
  /** `file` is the file's name, without its folder. Returns undefined for a key that the host has no setting for. */
  nameOf (file: string, key: string): string | undefined
  readonly configDir: string
}

/** Names in files that an operator wrote. */
export const OWN_NAMES: KeyNames = {
  rendered: false,
  nameOf: (_file, key) => key,
  configDir: 'the folder of the conf files,'
}

/** Names in rendered files. */
export function settingNames (origins: readonly LineOrigin[]): KeyNames {
  return {
    rendered: true,
    nameOf (file, key) {
      const origin = origins.find(origin => origin.file === file && origin.key === key)
      return origin && settingName(origin.setting)
    },
    configDir: settingName('ConfigDir')
  }
}

/** Returns "a", "a and b" or "a, b and c". */
export function joinNames (names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
