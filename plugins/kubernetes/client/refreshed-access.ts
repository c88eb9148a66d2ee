// Replaces the access whose credentials the API server has rejected.

import type { Access } from './access.ts'
import type { Credentials } from './credentials.ts'
import { NoAnswerError } from './errors.ts'
import { addressOf } from './transport-error.ts'

/** No new credentials, as while a file is replaced, is a transient failure and not an error of the caller. */
export async function refreshedAccess (credentials: Credentials, refused: Access): Promise<Access> {
  try {
    return await credentials.refresh(refused)
  } catch (cause) {
    throw new NoAnswerError(
      `The API server ${addressOf(refused)} rejected the credentials, and no others are available: ` +
      `${(cause as Error).message}`,
      'credentials',
      false,
      { cause }
    )
  }
}
