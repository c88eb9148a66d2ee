// Reads an INI file line by line and refuses whatever could be read in two ways.
//
// The ini package has no line numbers, merges repeated sections, keeps the last of a repeated key and takes
// `[server] ; note` for a key, so it serves here only to read values.

import { readIniValue } from './ini-value.ts'
import { problemsError, type Problem } from './problem.ts'
import type { ErrorCode } from '../errors.ts'

export interface IniEntry {
  readonly key: string
  readonly value: string
  /** From 1. */
  readonly line: number
}

/** One section as it stands in the file; a name that occurs twice gives two of them. */
export interface IniSection {
  readonly name: string
  readonly line: number
  readonly entries: readonly IniEntry[]
}

export interface IniOptions {
  /** Name of the file in messages. */
  readonly file: string
  /** Sections to read; of all others only the header is recognised and nothing is judged. All when it is left out. */
  readonly ours?: (section: string) => boolean
  /** Keys that may stand more than once in a section. None when it is left out. */
  readonly mayRepeat?: (key: string) => boolean
}

export interface Ini {
  readonly sections: readonly IniSection[]
  readonly problems: readonly Problem[]
}

interface OpenSection extends IniSection {
  readonly entries: IniEntry[]
}

/** Never throws: what is wrong is in `problems`, and a line that is wrong is left out of `sections`. */
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
        report(`has text after ]; put it on a line of its own: ${shown(header[2]!.trim())}`, `[${section!.name}]`)
      }
    } else if (content !== '' && !/^[#;]/.test(content)) {
      readLine(content, line, section, mayRepeat, report)
    }
  }
  return { sections, problems }
}

/** The sections in their order. Throws an error of `code` that lists every problem with file and line. */
export function readIni (text: string, options: IniOptions & { readonly code: ErrorCode }): readonly IniSection[] {
  const { sections, problems } = scanIni(text, options)
  if (problems.length > 0) throw problemsError(options.code, problems)
  return sections
}

function readLine (
  content: string, line: number, section: OpenSection | undefined, mayRepeat: (key: string) => boolean,
  report: (problem: string, key?: string) => void
): void {
  if (content.startsWith('[')) return report(`has no ] that closes the section's name: ${shown(content)}`)
  const equals = content.indexOf('=')
  if (equals === -1) return report(`is not of the form key=value: ${shown(content)}`)
  const key = content.slice(0, equals).trim()
  if (key === '') return report('has no key before =')
  if (section === undefined) return report('stands before the first section', key)
  const first = section.entries.find(entry => entry.key === key)
  if (first !== undefined && !mayRepeat(key)) return report(`is there already, in line ${first.line}`, key)
  const value = readIniValue(content.slice(equals + 1))
  if ('problem' in value) return report(value.problem, key)
  section.entries.push({ key, value: value.value, line })
}

function shown (text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
