// Input from API servers, nodes, supervisors, launchers and clients, cut and joined anywhere, is read or refused.

import fc, { type Arbitrary } from 'fast-check'
import t from 'tap'
import { serverSentEvents } from '../../launcher/client/server-sent-events.ts'
import { parseAddress } from '../../launcher/config/address.ts'
import { isLauncherError } from '../../launcher/errors.ts'
import { encodeCursor, decodeCursor } from '../../launcher/http/cursor.ts'
import { parseProcessStat } from '../../launcher/lib/process-stat.ts'
import { parseLogLine } from '../../launcher/supervise/log-line.ts'
import { parseReadyLine } from '../../launcher/supervise/ready-line.ts'
import { KubeApiError } from '../../plugins/kubernetes/client/errors.ts'
import type { KubeClient } from '../../plugins/kubernetes/client/client.ts'
import { watch } from '../../plugins/kubernetes/client/watch.ts'
import { createLogParser, type LogLine } from '../../plugins/kubernetes/output/log-parser.ts'
import { createLogPosition } from '../../plugins/kubernetes/output/log-position.ts'
import { transformEvent } from '../../plugins/kubernetes/cache/transform.ts'
import { readRecord, RECORD } from '../../plugins/kubernetes/metadata/job-record.ts'
import { parseState } from '../../plugins/local/supervisor-state.ts'
import { bentText } from './bent-text.ts'
import { fuzz } from './fuzz.ts'

const POD = {
  metadata: { uid: 'u', name: 'n', resourceVersion: '7', labels: { 'job-launcher/job': '0'.repeat(26) } },
  spec: { nodeName: 'a' },
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'content', state: { running: { startedAt: '2026-01-31T12:00:00Z' } } }]
  }
}
const EVENTS = [
  { type: 'ADDED', object: POD },
  { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } },
  { type: 'DELETED', object: POD },
  { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } }
].map(event => JSON.stringify(event) + '\n')
const TIMES = [
  '2026-01-31T12:00:00.000000001Z',
  '2026-01-31T12:00:00.5+01:00',
  '2026-01-31T12:00:00Z',
  '0000-99-99T99:99:99.9Z',
  '9999-12-31T23:59:60Z'
]
const LOG =
  TIMES.map((time, index) => `${time} line ${index} ${'x'.repeat(index * 9000)}\n`).join('') +
  'rpc error: code = NotFound desc = gone\n'

/** The bytes in chunks whose borders may fall inside a character. */
function chunked (text: Arbitrary<string>): Arbitrary<Buffer[]> {
  return fc.tuple(text, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })).map(([text, cuts]) => {
    const bytes = Buffer.from(text)
    const borders = [0, ...cuts.map(cut => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length]
    return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
  })
}

async function * comingAs (chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield * chunks
}

await fuzz(
  t,
  "a watch gives events with an object, or fails as the API server's fault",
  chunked(bentText([EVENTS.join(''), EVENTS.slice(0, 3).join('')])),
  async chunks => {
    const client = { open: () => comingAs(chunks) } as unknown as KubeClient
    try {
      for await (const events of watch(client, {
        path: '/p',
        query: {},
        resourceVersion: '1',
        seconds: 1,
        idleTimeoutMs: 60_000,
        signal: new AbortController().signal
      })) {
        for (const { object } of events) {
          if (typeof object !== 'object' || object === null) {
            throw new Error(`an event without an object: ${JSON.stringify(object)}`)
          }
        }
      }
    } catch (error) {
      if (!(error instanceof KubeApiError)) throw error
    }
  },
  {
    examples: [
      '{"type":"ADDED"}\n',
      '{"type":"ADDED","object":null}\n',
      '{"type":"MODIFIED","object":[]}\n',
      '{"type":"ERROR"}\n',
      '{"type":"ERROR","object":7}\n',
      'null\n',
      '\n'
    ].map(text => [Buffer.from(text)])
  }
)

await fuzz(
  t,
  "a container's log is parsed without a foreign byte, cut anywhere and read twice",
  chunked(bentText([LOG])),
  chunks => {
    const position = createLogPosition()
    const read = (): number => {
      const parser = createLogParser({ followed: false })
      position.begin()
      let sum = 0
      const take = (line: LogLine): void => {
        if (position.take(line)) sum += line.end - line.start
      }
      for (const chunk of chunks) parser.push(chunk, take)
      parser.end(take)
      return sum
    }
    const bytes = Buffer.concat(chunks).length
    const first = read()
    if (first > bytes) throw new Error(`${first} bytes from ${bytes}`)
    const again = read()
    if (again > bytes) throw new Error(`${again} more bytes from ${bytes}`)
    createLogPosition(JSON.parse(JSON.stringify(position.save())))
  }
)

await fuzz(
  t,
  'a forged cursor is refused, and a genuine one leads back',
  fc.tuple(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ minLength: 1 })
  ),
  ([text, encoded, filter, key]) => {
    for (const cursor of [
      text,
      encoded,
      `${encodeCursor('a', filter, key)}${text}`,
      encodeCursor('a', filter, `${key}x`)
    ]) {
      try {
        decodeCursor(cursor, filter, [key])
      } catch (error) {
        if (isLauncherError(error, 'InvalidCursor')) continue
        throw error
      }
      if (text !== '') throw new Error(`${cursor} was taken`)
    }
    if (decodeCursor(encodeCursor('id', filter, key), filter, [key]) !== 'id') throw new Error('it does not lead back')
  }
)

await fuzz(
  t,
  'server-sent events are read wherever they are cut',
  chunked(bentText(['event: job\nid: 7\ndata: {"id":"x"}\n\n: keep-alive\n\nevent: end\ndata: {}\n\n'])),
  async chunks => {
    const all = async (pieces: Buffer[]): Promise<string> => {
      const events = []
      for await (const event of serverSentEvents(comingAs(pieces))) events.push(event)
      return JSON.stringify(events)
    }
    if ((await all(chunks)) !== (await all([Buffer.concat(chunks)]))) throw new Error('the cuts change what is read')
  }
)

await fuzz(
  t,
  'lines of a launcher, its supervisors and the kernel are read or reported as invalid',
  bentText([
    '{"event":"ready","address":"/s","pid":7,"instance":"f0","version":"1","api":"v1","configDir":"/c"}',
    '{"event":"failed","code":"ConfInvalid","message":"m","help":"h"}',
    '{"level":30,"time":1,"msg":"m"}',
    'started 6f3 1700000000000 42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2\nfailed ' +
    'StartFailed\noom 3\nexit 137\n'
  ]),
  text => {
    parseLogLine(text)
    parseState(text, text)
    parseProcessStat(text)
    parseAddress(text)
    parseReadyLine(text)
  }
)

await fuzz(
  t,
  'a record on a Job, and an event, are read with whatever parts are valid',
  bentText([JSON.stringify(POD), JSON.stringify({ id: 'x', user: 'u', submissionTime: 1, submission: { name: 'n' } })]),
  text => {
    readRecord('x', { [RECORD]: text })
    let object
    try {
      object = JSON.parse(text)
    } catch {
      return
    }
    if (typeof object === 'object' && object !== null) transformEvent(object)
  }
)
