// Reads an INI file line by line and rejects everything ambiguous.
//
// The ini package has no line numbers, merges repeated sections, keeps only the last of repeated keys and parses
// `[server] ; note` as a key. It is therefore only used to read values.

import { readIniValue } from './ini-value.ts'
import type { Problem } from './problem.ts'

export interface IniEntry {
  readonly key: string
  readonly value: string
  /** From 1. */
  readonly line: number
}

/** One section of the file. A name that occurs twice results in two sections. */
export interface IniSection {
  readonly name: string
  readonly line: number
  readonly entries: readonly IniEntry[]
}

export interface IniOptions {
  /** Name of the file in messages. */
  readonly file: string
  /** Selects the sections to read; by default all. The content of other sections is not checked. */
  readonly ours?: (section: string) => boolean
  /** Selects the keys that may occur more than once in a section; by default none. */
  readonly mayRepeat?: (key: string) => boolean
}

export interface Ini {
  readonly sections: readonly IniSection[]
  readonly problems: readonly Problem[]
}

interface OpenSection extends IniSection {
  readonly entries: IniEntry[]
}

/** Never throws: `problems` has every error, and `sections` omits the invalid lines. */
export function scanIni (text: string, options: IniOptions): Ini {
  const { file, ours = () => true, mayRepeat = () => false } = options
  const sections: OpenSection[] = []
  const problems: Problem[] = []
  let section: OpenSection | undefined
  let judged = options.ours === undefined

  for (const [index, lineText] of text.replace(/^\uFEFF/, '').split(/\r?\n/).entries()) {
    const line = index + 1
    const report = (problem: string, key?: string): void => {
      problems.push({ file, line, ...(key !== undefined && { key }), problem })
    }
    const content = lineText.trim()
    const header = /^\[([^\]]*)\](.*)$/s.exec(content)
    if (header !== null) {
      section = { name: header[1]!.trim(), line, entries: [] }
      sections.push(section)
      judged = ours(section.name)
    }
    if (!judged) continue
    if (content.includes('\0')) {
      report('has a NUL byte')
    } else if (header !== null) {
      if (header[2]!.trim() !== '') {
        report(`has text after ]; put it on its own line: ${shown(header[2]!.trim())}`, `[${section!.name}]`)
      }
    } else if (content !== '' && !/^[#;]/.test(content)) {
      readLine(content, line, section, mayRepeat, report)
    }
  }
  return { sections, problems }
}

function readLine (
  content: string, line: number, section: OpenSection | undefined, mayRepeat: (key: string) => boolean,
  report: (problem: string, key?: string) => void
): void {
  if (content.startsWith('[')) return report(`has no ] after the section's name: ${shown(content)}`)
  const equals = content.indexOf('=')
  if (equals === -1) return report(`does not have the form key=value: ${shown(content)}`)
  const key = content.slice(0, equals).trim()
  if (key === '') return report('has no key before =')
  if (section === undefined) return report('is before the first section', key)
  const first = section.entries.find(entry => entry.key === key)
  if (first !== undefined && !mayRepeat(key)) return report(`is already defined in line ${first.line}`, key)
  const value = readIniValue(content.slice(equals + 1))
  if ('problem' in value) return report(value.problem, key)
  section.entries.push({ key, value: value.value, line })
}

function shown (text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
