// The error of one field of the access, to which the reader of the source adds file and entry.

/** The message names the field and what to do. It completes a sentence and has no full stop. */
export class FieldError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'FieldError'
  }
}
