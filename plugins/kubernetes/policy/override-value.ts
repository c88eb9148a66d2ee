// Parses the JSON file with the value of an override in a profile.

import { LineCounter, parseDocument } from 'yaml'
import type { Problem } from '../../../launcher/lib/problem.ts'

/** Adds what is wrong to `problems`, with the line at which the text stops being JSON. */
export function parseOverrideValue (text: string, file: string, problems: Problem[]): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    problems.push({
      file,
      line: lineOf(text, message),
      problem: `is not JSON: ${message.replace(/ \(line \d+ column \d+\)$/, '')}`
    })
  }
}

/** Node reports the line of some errors only. All JSON is YAML, and the YAML parser reports the line of most others. */
function lineOf (text: string, message: string): number {
  const reported = /\(line (\d+) column \d+\)/.exec(message)?.[1]
  if (reported !== undefined) return Number(reported)
  const lines = new LineCounter()
  const { errors } = parseDocument(text, { schema: 'json', prettyErrors: false, lineCounter: lines })
  return lines.linePos(errors[0]?.pos[0] ?? text.trimEnd().length).line
}
