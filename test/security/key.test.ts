// The key of a request is compared in a time that does not depend on the given key.

import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { createAcceptedKeys } from '../../launcher/http/accepted-keys.ts'
import { requesterOf, type AuthenticationPolicy } from '../../launcher/http/requester.ts'

const KEY = 'k'.repeat(43)

const policy: AuthenticationPolicy = {
  keys: createAcceptedKeys({ host: KEY }),
  authorizationEnabled: true,
  adminGroup: undefined,
  groupsFromRequest: false,
  groupsOf: async () => []
}

const ask = (authorization: string): Promise<unknown> =>
  requesterOf({ headers: { authorization } } as FastifyRequest, policy)

t.test(
  'every given key, right, near, short or long, is compared in constant time at equal lengths',
  async t => {
    const compared: Array<[number, number]> = []
    const { timingSafeEqual } = crypto
    crypto.timingSafeEqual = (a, b) => {
      compared.push([a.byteLength, b.byteLength])
      return timingSafeEqual(a, b)
    }
    syncBuiltinESMExports()
    t.teardown(() => {
      crypto.timingSafeEqual = timingSafeEqual
      syncBuiltinESMExports()
    })
    await ask(`Bearer ${KEY}`)
    for (const wrong of ['x', `${KEY}x`, KEY.slice(1), `x${KEY.slice(1)}`, `${KEY.slice(0, -1)}x`, 'x'.repeat(4000)]) {
      await t.rejects(ask(`Bearer ${wrong}`), { code: 'Unauthorized' })
    }
    t.strictSame(
      compared,
      Array.from({ length: 7 }, () => [32, 32])
    )
  }
)

t.test('no other code compares the key', async t => {
  const source = readFileSync(join(import.meta.dirname, '../../launcher/http/requester.ts'), 'utf8')
  const comparison = /\b(?:key|keys|keys\.\w+\(\)|given)\s*(?:[!=]==?|\.startsWith|\.includes|\.localeCompare)[^\n]*/g
  t.strictSame(source.match(comparison), [
    'keys === undefined) return',
    "given === undefined) throw new LauncherError('Unauthorized', 'The request has no key.')"
  ])
})
