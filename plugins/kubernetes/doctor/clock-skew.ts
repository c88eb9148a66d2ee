// Compares the clock of a server with ours.

/**
 * Milliseconds by which the server's clock is ahead; undefined when it did not tell the time. `date` is the header of a
 * reply, which has whole seconds; the others are our clock when the request was sent and when the reply came.
 */
export function clockSkewMs (date: string | undefined, sentAt: number, answeredAt: number): number | undefined {
  const time = Date.parse(date ?? '')
  if (Number.isNaN(time)) return undefined
  // Any moment of that second, and any between request and reply, may be meant: what is sure is the gap between them.
  if (time > answeredAt) return time - answeredAt
  if (time + 999 < sentAt) return time + 999 - sentAt
  return 0
}
