import pino from 'pino'
import t from 'tap'
import { KubeApiError } from '../../../../plugins/kubernetes/client/errors.ts'
import type { Call } from '../../../../plugins/kubernetes/client/client.ts'
import { warnOfOldServer } from '../../../../plugins/kubernetes/lifecycle/warn-of-old-server.ts'

/** Returns the lines that a server causes. `answer` returns the reply to GET /version, or throws. */
async function linesOf (answer: () => unknown): Promise<unknown[]> {
  const lines: unknown[] = []
  const log = pino({ level: 'debug' }, { write: line => { lines.push(JSON.parse(line)) } })
  const paths: string[] = []
  const call = async <T>({ method, path }: Call): Promise<T> => {
    paths.push(`${method} ${path}`)
    return answer() as T
  }
  await warnOfOldServer({ call }, log)
  t.strictSame(paths, ['GET /version'])
  return lines
}
const version = (minor: string, gitVersion: string) => () => ({ major: '1', minor, gitVersion })

t.test('a server before 1.31 is reported in one line', async t => {
  t.match(await linesOf(version('30', 'v1.30.14')), [
    { level: 40, version: 'v1.30.14', oldest: '1.31', msg: 'Kubernetes version not supported' }
  ])
  t.equal((await linesOf(version('20+', 'v1.20.2-provider'))).length, 1)
})

t.test('a supported server, and one that does not report its version, cause no line', async t => {
  t.strictSame(await linesOf(version('31+', 'v1.31.14')), [])
  t.strictSame(await linesOf(version('37', 'v1.37.2')), [])
  t.strictSame(await linesOf(() => ({})), [])
  t.strictSame(await linesOf(() => { throw new KubeApiError('x', 403, 'Forbidden', 'no') }), [])
})
