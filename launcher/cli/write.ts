// Writes to a stream with backpressure.

import type { CommandContext } from './command.ts'

/** Resolves once the data is written. Rejects if the stream fails, with EPIPE if it has no reader any more. */
export function write (stream: NodeJS.WritableStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, error => { error == null ? resolve() : reject(error) })
  })
}

/** Writes one document: as JSON with --json, else as text. */
export function writeDocument (
  { stdout, values }: Pick<CommandContext, 'stdout' | 'values'>,
  document: object,
  text: string
): Promise<void> {
  return write(stdout, values.json === true ? `${JSON.stringify(document, null, 2)}\n` : text)
}

/** Returns the columns of the terminal, or undefined if the stream is not a terminal. */
export function terminalWidth (
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
): number | undefined {
  return stream.isTTY === true ? (stream.columns ?? 80) : undefined
}
