// Parses the text of one setting by its type, and returns it in rendered form. The schema of its conf key checks the
// rest of its form, when the rendered file is loaded.

import { normalize } from 'node:path'
import { BOOLEAN_FORM, parseBoolean } from '../lib/boolean.ts'
import { DURATION_FORM, parseDuration } from '../lib/duration.ts'
import { parseSize, SIZE_FORM } from '../lib/size.ts'
import { ADDRESS_FORM, parseAddress } from './address.ts'
import { UNIT_MS, type Setting } from './settings.ts'

type SettingValue = { readonly value: string } | { readonly problem: string }

const PATH_FORM = 'an absolute path'

/** `problem` completes a sentence that begins with the setting's name. */
export function readSetting (setting: Setting, text: string): SettingValue {
  if (text === '') return { problem: 'has no value; leave it out to take the default' }
  switch (setting.type) {
    case 'boolean': return orProblem(parseBoolean(text)?.toString(), BOOLEAN_FORM, text)
    case 'duration': return bounded(setting, text, parseDuration, DURATION_FORM)
    case 'size': return bounded(setting, text, parseSize, SIZE_FORM)
    case 'address': return readAddress(text)
    case 'path': return orProblem(readPath(text), PATH_FORM, text)
    // In the conf file, several paths are one list that is separated by commas.
    case 'paths': return withoutComma(text) ?? orProblem(readPath(text), PATH_FORM, text)
    case 'tagged paths': return withoutComma(text) ?? { value: text }
    case 'list':
    case 'text':
    case 'whole number': return { value: text }
  }
}

export function readPath (text: string): string | undefined {
  if (!text.startsWith('/')) return undefined
  const path = normalize(text)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function readAddress (text: string): SettingValue {
  const address = parseAddress(text)
  return orProblem(
    address !== undefined && 'socket' in address ? readPath(address.socket) : address && text,
    ADDRESS_FORM,
    text
  )
}

function withoutComma (text: string): SettingValue | undefined {
  return text.includes(',') ? { problem: `has a comma in its path: ${JSON.stringify(text)}` } : undefined
}

function orProblem (value: string | undefined, form: string, text: string): SettingValue {
  return value === undefined ? { problem: `is not ${form}: ${JSON.stringify(text)}` } : { value }
}

function bounded (
  { least, most, whole }: Setting,
  text: string,
  parse: (text: string) => number | undefined,
  form: string
): SettingValue {
  const value = parse(text)
  const shown = JSON.stringify(text)
  if (value === undefined) return orProblem(value, form, text)
  if (least !== undefined && value < parse(least)!) return { problem: `is less than ${least}: ${shown}` }
  if (most !== undefined && value > parse(most)!) return { problem: `is more than ${most}: ${shown}` }
  if (whole !== undefined && value % UNIT_MS[whole] !== 0) {
    return { problem: `is not a whole number of ${whole}: ${shown}` }
  }
  return { value: text }
}
