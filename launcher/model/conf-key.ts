// What the schema of a conf key says beside its type: how its value is written, in which group of the file it stands,
// and which setting of a host it is rendered from.

/** How the text of a setting is read; launcher/config/setting-value.ts has the rules. */
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

/** A setting that a host may give in its own settings file. Its form and its bounds are those of its conf key. */
export interface KeySetting {
  /** Name, without the section. `{type}` stands for the type of the cluster. */
  readonly key: string
  /** Only if the key's own schema does not imply it: a number with a unit, a boolean and a list do. */
  readonly type?: SettingType
  /**
   * Default if a host spawns the launcher, where it differs from the default of the conf key, which is that of a
   * stand-alone launcher. `{Key}` stands for the value of another setting.
   */
  readonly spawned?: string
  /** The default is a file that is used only if it exists. */
  readonly ifExists?: true
  /** Smallest value, written as the setting is, where it is larger than the minimum of the conf key. */
  readonly least?: string
  /** Help, where that of the conf key names other keys or another form. */
  readonly description?: string
}

/** A key of a conf file: the keywords of its schema that the launcher reads, and our own. */
export interface ConfKey {
  readonly type?: string
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  /** What the value has to be, in words that follow "is not". */
  readonly expected?: string
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
  /** Text in the rendered file, if it is not the value of the setting alone. */
  readonly text?: (values: SettingTexts) => string | undefined
}

/** The annotation of a key that declares a setting. */
export function setting (key: string, options: Omit<KeySetting, 'key'> = {}): Required<Pick<ConfKey, 'setting'>> {
  return { setting: { key, ...options } }
}
