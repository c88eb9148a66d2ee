import t from 'tap'
import { lastProbeFailure, probeProblem } from '../../../../plugins/kubernetes/state/probe-failure.ts'

const http = { port: 81, httpPath: '/x' }
const tcp = { port: 81, httpPath: undefined }

t.test('the words of a kubelet are those of the launcher', async t => {
  const refused = 'nothing listens on port 81 at 10.1.2.3, the address of the pod; a program that listens on ' +
    '127.0.0.1 only does not answer there'
  const get = 'Get "http://10.1.2.3:81/x"'
  for (const [words, port, problem] of [
    ['HTTP probe failed with statuscode: 404', http, 'GET /x on port 81 was answered with 404'],
    [`${get}: dial tcp 10.1.2.3:81: connect: connection refused`, http, refused],
    ['dial tcp 10.1.2.3:81: connect: connection refused', tcp, refused],
    ['dial tcp [fd00::3]:81: connect: connection refused', tcp, refused.replace('10.1.2.3', '[fd00::3]')],
    ['dial tcp 10.1.2.3:81: i/o timeout', tcp, 'port 81 did not answer within 5 s'],
    [
      `${get}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`, http,
      'port 81 did not answer within 5 s'
    ],
    [`${get}: EOF`, http, 'port 81 gave no HTTP reply to GET /x'],
    [
      `${get}: read tcp 10.1.2.1:4->10.1.2.3:81: read: connection reset by peer`, http,
      'port 81 gave no HTTP reply to GET /x'
    ],
    [
      `${get}: net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH"`, http,
      'port 81 gave no HTTP reply to GET /x'
    ],
    // An override of a profile may have another probe.
    ['HTTP probe failed with statuscode: 404', tcp, undefined],
    ['cat: /ready: No such file or directory', http, undefined]
  ] as const) t.equal(probeProblem(words, port), problem, words)
})

t.test('the last words on the readiness of the program count', async t => {
  const event = (message: string, container = 'content', reason = 'Unhealthy') => ({ reason, container, message })
  t.equal(lastProbeFailure([
    event('Readiness probe failed: first'),
    event('(combined from similar events): Readiness probe failed: last'),
    event('Liveness probe failed: other probe'),
    event('Readiness probe failed: other container', 'proxy'),
    event('Readiness probe failed: other reason', 'content', 'Killing')
  ]), 'last')
  t.equal(lastProbeFailure([event('Readiness probe errored and resulted in unknown state: no runtime')]), 'no runtime')
  t.equal(lastProbeFailure([]), undefined)
})
