// Refuses the header Idempotency-Key in each call that changes something and does not declare it: its host relies on a
// promise that the call does not make.

import { LauncherError } from '../errors.ts'
import type { Server } from './service.ts'

const HEADER = 'idempotency-key'

interface Declared { readonly properties?: Readonly<Record<string, unknown>> }

/** The calls that only read can be repeated anyway, so they ignore the header. */
export function refuseIdempotencyKeys (server: Server): void {
  server.addHook('preValidation', async ({ is404, method, headers, routeOptions: { url, schema } }) => {
    if (headers[HEADER] === undefined || is404 || method === 'GET' || method === 'HEAD') return
    if ((schema?.headers as Declared | undefined)?.properties?.[HEADER] !== undefined) return
    throw new LauncherError(
      'InvalidRequest',
      `${HEADER} (header) is not accepted by ${method} ${url!.replace(/:(\w+)/g, '{$1}')}: only POST /v1/jobs has it.`,
      { field: HEADER, in: 'header' },
      { help: 'Omit the header, or submit the job with POST /v1/jobs.' }
    )
  })
}
