// Writes to a stream at the speed of whoever reads it.

/** Resolves when the stream can take more. Rejects when it broke, with EPIPE when the reader is gone. */
export function write (stream: NodeJS.WritableStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, error => { error == null ? resolve() : reject(error) })
  })
}

/** Columns of the terminal, or undefined when the stream is none. */
export function terminalWidth (
  stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
): number | undefined {
  return stream.isTTY === true ? (stream.columns ?? 80) : undefined
}
