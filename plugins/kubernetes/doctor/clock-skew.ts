// Compares the clock of a server with that of this machine.

/**
 * Returns the milliseconds by which the server's clock is ahead, or undefined if it did not report its time. `date` is
 * the Date header of a reply, which has whole seconds; the others are this machine's times when the request was sent
 * and when the reply arrived.
 */
export function clockSkewMs (date: string | undefined, sentAt: number, answeredAt: number): number | undefined {
  const time = Date.parse(date ?? '')
  if (Number.isNaN(time)) return undefined
  // The header can mean any moment of its second, between request and reply. Only the gap between the two ranges is
  // certain.
  if (time > answeredAt) return time - answeredAt
  if (time + 999 < sentAt) return time + 999 - sentAt
  return 0
}
