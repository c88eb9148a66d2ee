// The annotations in the schema of a conf key: how its value is written, which group of the file it belongs to, and
// which setting of a host it is rendered from.

/** How the text of a setting is parsed. launcher/config/setting-value.ts has the rules. */
export type SettingType =
  | 'address'
  | 'boolean'
  | 'duration'
  | 'list'
  | 'path'
  | 'paths'
  | 'size'
  | 'tagged paths'
  | 'text'
  | 'whole number'

/** The value of each setting by its name, as text; undefined if the setting has none. */
export type SettingTexts = Readonly<Record<string, string | undefined>>

/** A setting that a host may define in its own settings file. It has the form and the bounds of its conf key. */
export interface KeySetting {
  /** Name, without the section. `{type}` stands for the type of the cluster. */
  readonly key: string
  /** Present only if the key's schema does not imply the type. A number with a unit, a boolean and a list imply it. */
  readonly type?: SettingType
  /**
   * Default if a host spawns the launcher. Present only if it differs from the default of the conf key, which applies
   * to a stand-alone launcher. `{Key}` stands for the value of another setting.
   */
  readonly spawned?: string
  /** The default is a file that is used only if it exists. */
  readonly ifExists?: true
  /** Smallest value, in the form of the setting. Present only if it is larger than the minimum of the conf key. */
  readonly least?: string
  /** Help text. Present only if the help text of the conf key names other keys or another form. */
  readonly description?: string
}

/** A key of a conf file: the keywords of its schema that the launcher reads, and the launcher's own annotations. */
export interface ConfKey {
  readonly type?: string
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  /** Describes valid values, in words that follow "is not". */
  readonly 'x-expected'?: string
  /** What the number counts. One in bytes may be written as a size, such as 5 MiB. */
  readonly unit?: 'bytes' | 'hours' | 'seconds'
  /** The value is the path of a file, which must exist unless the path is the default of the key. */
  readonly mustExist?: true
  /** Comment above the key in the rendered file: the key begins a group. */
  readonly heading?: string
  /** The setting that the key declares. A key without a setting has its default in a rendered file. */
  readonly setting?: KeySetting
  /** Name of a setting, declared by another key, that the value or its default is made from. */
  readonly from?: string
  /** Returns the text in the rendered file. Present only if it is not simply the value of the setting. */
  readonly text?: (values: SettingTexts) => string | undefined
}

/** Returns the annotation of a key that declares a setting. */
export function setting (key: string, options: Omit<KeySetting, 'key'> = {}): Required<Pick<ConfKey, 'setting'>> {
  return { setting: { key, ...options } }
}
