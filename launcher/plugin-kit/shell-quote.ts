// Writes text as a word of a shell. Pure.

/** Returns a word that every shell reads as exactly this text. */
export function quote (text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
