// The names of users and groups, which may come from a directory service.

import { Type } from 'typebox'

/** Besides control characters: what separates names in a list, a path or an entry of the machine's own lists. */
const NOT_IN_NAME = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029,:/'

const FORM = `[^${NOT_IN_NAME} @\\\\-]([^${NOT_IN_NAME}]*[^${NOT_IN_NAME} ])?`
const ACCOUNT_NAME = { maxLength: 256, pattern: `^${FORM}$` } as const
/** The form of the names of users and groups. */
export const NAME_FORM = 'no comma, colon, slash or control character, no space at its ends, and no -, @ or \\ first'

export const UserName = Type.String({
  ...ACCOUNT_NAME,
  'x-expected': `a user name (${NAME_FORM})`,
  description: 'Name of a user, as known to the host and the machine, such as anna, CORP\\anna or zoë.'
})

export const GroupName = Type.String({
  ...ACCOUNT_NAME,
  'x-expected': `a group name (${NAME_FORM})`,
  description: 'Name of a group, as known to the host and the machine.'
})

/** Names of groups, as a header has them. */
export const GroupNames = Type.String({
  pattern: `^ *(${FORM})? *(, *(${FORM})? *)*$`,
  'x-expected': 'names of groups, separated with commas'
})
