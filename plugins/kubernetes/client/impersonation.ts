// The headers with which a user acts as another. Pure.

import { FieldError } from './field-error.ts'
import type { KubeconfigUser } from './kubeconfig-values.ts'

type Impersonation = Pick<KubeconfigUser, 'as' | 'as-uid' | 'as-groups' | 'as-user-extra'>

/** Throws a FieldError that names the field. */
export function impersonationHeaders (user: Impersonation): Record<string, string | string[]> {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user
  if (as === undefined) {
    const without = (['as-uid', 'as-groups', 'as-user-extra'] as const).find(field => user[field] !== undefined)
    if (without !== undefined) throw new FieldError(`${without} is set without as, the name of the user to act as`)
    return {}
  }
  return {
    'impersonate-user': headerValue('as', as),
    ...(uid !== undefined && { 'impersonate-uid': headerValue('as-uid', uid) }),
    ...(groups !== undefined && { 'impersonate-group': groups.map(group => headerValue('as-groups', group)) }),
    ...Object.fromEntries(Object.entries(extra ?? {}).map(([key, values]) => [
      `impersonate-extra-${escapeKey(key)}`,
      values.map(value => headerValue(`as-user-extra.${key}`, value))
    ]))
  }
}

/** Returns the text so that its UTF-8 is sent. Throws a FieldError that names the field if no header can have it. */
export function headerValue (field: string, text: string): string {
  if (/[^\t -~\u0080-\u{10ffff}]/u.test(text)) {
    throw new FieldError(`${field} has a control character, such as a line break`)
  }
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** Encodes what the name of a header cannot have as % and two hexadecimal digits; the API server decodes it. */
function escapeKey (key: string): string {
  return Array.from(Buffer.from(key, 'utf8'), byte => {
    const character = String.fromCharCode(byte)
    return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}
