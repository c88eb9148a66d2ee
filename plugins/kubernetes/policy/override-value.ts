// Reads the JSON file that an override of a profile takes its value from.

import { LineCounter, parseDocument } from 'yaml'
import type { Problem } from '../../../launcher/lib/problem.ts'

/** What is wrong is added to `problems`, with the line where the text stops being JSON. */
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

/** Node tells the line of some mistakes only; every JSON is YAML, whose parser tells it of most others. */
function lineOf (text: string, message: string): number {
  const told = /\(line (\d+) column \d+\)/.exec(message)?.[1]
  if (told !== undefined) return Number(told)
  const lines = new LineCounter()
  const { errors } = parseDocument(text, { schema: 'json', prettyErrors: false, lineCounter: lines })
  return lines.linePos(errors[0]?.pos[0] ?? text.trimEnd().length).line
}
