// Writes a part of a file in pieces, without a buffer of the whole size.

import { writeSync } from 'node:fs'

const PIECE = 256 * 1024

/**
 * Writes the bytes from `from` to `to`, which `fill` puts into each piece; without it they are zeros. Throws system
 * errors; what was written until then stays.
 */
export function fillFile (
  descriptor: number,
  from: number,
  to: number,
  fill: (piece: Buffer, offset: number) => void = () => {}
): void {
  const buffer = Buffer.alloc(Math.min(PIECE, Math.max(0, to - from)))
  for (let offset = from; offset < to;) {
    const piece = buffer.subarray(0, Math.min(buffer.length, to - offset))
    fill(piece, offset)
    for (let at = 0; at < piece.length; at += writeSync(descriptor, piece, at, piece.length - at, offset + at));
    offset += piece.length
  }
}
