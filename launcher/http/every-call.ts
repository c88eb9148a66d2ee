// What every call has beside its own: the headers that the server reads at every request, and the refusals.

import { Type } from 'typebox'
import { GroupNames, UserName } from '../model/account-name.ts'
import { Problem, PROBLEM_TYPE } from './problem.ts'
import { content } from './replies.ts'

const problem = { [PROBLEM_TYPE]: { schema: Problem } }

export const EVERY_CALL = {
  /** `requesterOf` checks them, as UTF-8. */
  headers: {
    'X-Launcher-User': { ...UserName, description: 'User that the request acts for; without it, the host.' },
    'X-Launcher-Groups': {
      ...GroupNames,
      description:
        'Groups of the user, separated with commas, instead of those on the machine. Accepted only if ' +
        'groups-from-request is set. An empty header means no groups.'
    }
  },
  /** By status; the titles are their names in the document. */
  responses: {
    401: {
      title: 'Unauthorized',
      ...content(problem, 'The request has no key, or a wrong one.', {
        'WWW-Authenticate': Type.String({ description: 'Bearer' })
      })
    },
    default: {
      title: 'Refused',
      ...content(problem, 'The code says why.', {
        'Retry-After': Type.Integer({ minimum: 1, description: 'Seconds after which a repeat can succeed.' })
      })
    }
  }
}
