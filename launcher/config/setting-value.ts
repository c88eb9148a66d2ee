// Reads the text of one setting by its type.

import { normalize } from 'node:path'
import { Check } from 'typebox/value'
import { UserName } from '../model/job.ts'
import { BOOLEAN_FORM, parseBoolean } from '../lib/boolean.ts'
import { DURATION_FORM, parseDuration } from '../lib/duration.ts'
import { isImageName } from '../lib/image-name.ts'
import { parseSize, SIZE_FORM } from '../lib/size.ts'
import { ADDRESS_FORM, parseAddress } from './address.ts'
import { LOG_LEVELS } from './log-levels.ts'
import type { Setting } from './settings.ts'

type SettingValue = { readonly value: unknown } | { readonly problem: string }

/** `problem` completes a sentence that begins with the setting's name. */
export function readSetting (setting: Setting, text: string): SettingValue {
  if (text === '') return { problem: 'has no value; leave it out to take the default' }
  switch (setting.type) {
    case 'boolean': return orProblem(parseBoolean(text), BOOLEAN_FORM, text)
    case 'duration': return bounded(setting, text, parseDuration, DURATION_FORM)
    case 'size': return bounded(setting, text, parseSize, SIZE_FORM)
    case 'address': return readAddress(text)
    case 'path': return orProblem(readPath(text), 'an absolute path', text)
    // Several paths are one list in the conf file, with commas between them.
    case 'paths':
      return withoutComma(text) ?? orProblem(readPath(text), 'an absolute path', text)
    case 'tagged paths':
      return withoutComma(text) ?? matching(text, /^.+=\/.*$/, 'a tag, =, and an absolute path')
    case 'user':
      return orProblem(Check(UserName, text) ? text : undefined, 'a user name', text)
    case 'text':
      return matching(text, /^\P{Cc}{1,128}$/u, 'text of at most 128 characters on one line')
    case 'namespace':
      return matching(
        text,
        /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
        'a name of at most 63 lower-case letters, digits and inner -'
      )
    case 'name':
      return matching(
        text,
        /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
        'a name of lower-case letters, digits, - and .'
      )
    case 'label':
      return matching(
        text,
        /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
        'at most 63 letters, digits, . _ and -, with a letter or digit at both ends'
      )
    case 'url':
      return matching(text, /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'a URL such as https://kubernetes.example:6443')
    case 'base64':
      return matching(text, /^[A-Za-z0-9+/]+=*$/, 'text in base64')
    case 'image':
      return orProblem(
        isImageName(text) ? text : undefined,
        'the name of an image, such as registry.example/host/runtime:1.2',
        text
      )
    case 'version':
      return matching(
        text,
        /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/,
        'a version as the tag of an image is written (letters, digits, _ . and -)'
      )
    case 'data folder':
      return matching(
        text,
        /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:)?\/(?!(.*\/)?\.\.(\/|$))\P{Cc}*$/u,
        'an absolute path, or HOST:/EXPORT of an NFS server, without ..'
      )
    case 'sub-path':
      return matching(
        text,
        /^(?!\/)(?!(.*\/)?\.\.(\/|$))\P{Cc}+$/u,
        'a path inside a volume, without / at its start and without ..'
      )
    case 'matching':
      return matching(text, /^(exact|major-minor|nearest)$/, 'one of exact, major-minor, nearest')
    case 'log level':
      return LOG_LEVELS.some(level => level === text)
        ? { value: text }
        : { problem: `is not one of ${LOG_LEVELS.join(', ')}: ${JSON.stringify(text)}` }
  }
}

function readPath (text: string): string | undefined {
  if (!text.startsWith('/')) return undefined
  const path = normalize(text)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function readAddress (text: string): SettingValue {
  const address = parseAddress(text)
  if (address === undefined || !('socket' in address)) return orProblem(address, ADDRESS_FORM, text)
  return { value: { socket: readPath(address.socket) } }
}

function withoutComma (text: string): SettingValue | undefined {
  return text.includes(',') ? { problem: `has a comma in its path: ${JSON.stringify(text)}` } : undefined
}

function matching (text: string, pattern: RegExp, form: string): SettingValue {
  return orProblem(pattern.test(text) ? text : undefined, form, text)
}

function orProblem (value: unknown, form: string, text: string): SettingValue {
  return value === undefined ? { problem: `is not ${form}: ${JSON.stringify(text)}` } : { value }
}

function bounded (
  setting: Setting,
  text: string,
  parse: (text: string) => number | undefined,
  form: string
): SettingValue {
  const value = parse(text)
  if (value === undefined) return orProblem(value, form, text)
  const { least, most } = setting
  if (least !== undefined && value < parse(least)!) return { problem: `is less than ${least}: ${JSON.stringify(text)}` }
  if (most !== undefined && value > parse(most)!) return { problem: `is more than ${most}: ${JSON.stringify(text)}` }
  return { value }
}
