import t from 'tap'
import { explanationText } from '../../../launcher/cli/explanation-text.ts'
import type { ClientExplanation } from '../../../launcher/client/client.ts'

const place = { file: '/etc/profiles.conf', line: 3 }
const at = '/etc/profiles.conf line 3'
const EXPLANATION: ClientExplanation = {
  cluster: 'Kubernetes',
  user: 'ann',
  groups: ['staff'],
  accepted: true,
  refusals: [],
  limits: [],
  start: { priority: 0, sharedPriority: 0 }
}

t.test('the requester and the subject come first', async t => {
  t.equal(explanationText(EXPLANATION, undefined), 'A job of ann, in staff, on Kubernetes: accepted.\n\nNo limits.\n')
  t.equal(
    explanationText(
      {
        ...EXPLANATION,
        groups: [],
        accepted: false,
        refusals: [{ code: 'InvalidJob', detail: 'It is \x1b[31m wrong.', help: 'Mend it.' }]
      },
      undefined
    ),
    'A job of ann, who is in no group, on Kubernetes: refused.\n\nInvalidJob: It is \\x1b[31m wrong.\n  Mend ' +
    'it.\n\nNo limits.\n'
  )
})

t.test('the first line says that a job cannot start now, and the next one why', async t => {
  const text = (expectedWait: ClientExplanation['expectedWait']) =>
    explanationText({ ...EXPLANATION, expectedWait: expectedWait! }, undefined)
  t.equal(
    text({ state: 'waits', reason: 'QuotaExceeded', message: 'The quota is 0.' }),
    'A job of ann, in staff, on Kubernetes: accepted, but it cannot start now.\n' +
    'QuotaExceeded: The quota is 0.\n\nNo limits.\n'
  )
  t.equal(
    text({ state: 'unknown', message: 'No answer.' }),
    'A job of ann, in staff, on Kubernetes: accepted, but whether it can start is not known.\nNo answer.\n\n' +
    'No limits.\n'
  )
})

t.test('limits are a table with the line of each value and each maximum', async t => {
  const limits: ClientExplanation['limits'] = [
    { type: 'cpuCount', asked: 1, value: 1, max: { key: 'max-cpus', value: 2, ...place }, enforced: true },
    { type: 'memory', value: 100, setBy: { key: 'default-mem-mb', ...place }, enforced: false },
    { type: 'amdGpus', enforced: true },
    { type: 'nvidiaGpus', max: { key: 'max-nvidia-gpus', value: 0, ...place }, enforced: true }
  ]
  t.equal(
    explanationText({ ...EXPLANATION, limits, resourceProfile: { name: 'small', ...place } }, undefined),
    `A job of ann, in staff, on Kubernetes: accepted.

Resource profile small, /etc/profiles.conf line 3.

LIMIT       REQUESTED  EFFECTIVE           SET BY                                     MAX  MAX SET BY
cpuCount    1          1                   the job                                    2    max-cpus, ${at}
memory      -          100 (not enforced)  default-mem-mb, /etc/profiles.conf line 3  -
nvidiaGpus  -          -                   -                                          0    max-nvidia-gpus, ${at}
`)
  for (const line of explanationText({ ...EXPLANATION, limits }, 60).split('\n')) t.ok(line.length <= 60, line)
})

t.test('the default of a conf key has no place', async t => {
  const set = { key: 'default of output-limit' }
  const limits: ClientExplanation['limits'] = [
    { type: 'output', value: 9, setBy: set, max: { ...set, value: 9 }, enforced: true }
  ]
  t.match(explanationText({ ...EXPLANATION, limits }, undefined),
    /output +- +9 +default of output-limit +9 +default of output-limit\n/)
})

t.test('the image is shown with its contents, and each other image with its mismatch', async t => {
  const rejected = [{ image: 'b:1', file: '/i.yaml', line: 7, why: 'has no R' }]
  const image = {
    image: 'a:1',
    why: 'is the nearest to what the job asks for, with R 4.4.1',
    definedIn: { file: '/i.yaml', line: 2 },
    versions: { r: { version: '4.4.1', path: '/opt/R' } },
    rejected
  }
  t.match(
    explanationText({ ...EXPLANATION, image }, undefined),
    `
Image a:1 (/i.yaml line 2) is the nearest to what the job asks for, with R 4.4.1.
  r 4.4.1: /opt/R

REJECTED  DEFINED IN      BECAUSE IT
b:1       /i.yaml line 7  has no R
`)
  t.match(explanationText({ ...EXPLANATION, image: { rejected } }, undefined), '\nNo image.\n')
})

t.test("objects are listed with the API server's reply, and shown as YAML on request", async t => {
  const object = { kind: 'Job', name: 'job-0' }
  const text = (objects: ClientExplanation['objects']) =>
    explanationText({ ...EXPLANATION, objects: objects! }, undefined)
  t.match(
    text([{ ...object, text: 'kind: Job\n', verdict: { state: 'accepted' } }]),
    '\n# Job job-0. The API server would accept it.\n---\nkind: Job\n'
  )
  t.match(
    text([{ ...object, verdict: { state: 'refused', message: 'No.' } }]),
    '\n# Job job-0. The API server would reject it: No.\n'
  )
  t.match(text([{ ...object, verdict: { state: 'waits', message: 'Later.' } }]), 'would not accept it now: Later.')
  t.match(text([{ ...object, verdict: { state: 'unknown', message: 'Away.' } }]), 'could not be asked: Away.')
})

t.test('the priority and the bounds of running jobs are shown with their lines, if there are any', async t => {
  const line = { file: '/p.conf', line: 3 }
  const start = {
    priority: 9,
    sharedPriority: 5,
    maxPriority: { key: 'max-priority', value: 5, ...line },
    maxRunningJobs: { key: 'max-running-jobs', value: 50 },
    maxRunningJobsOfUser: { key: 'max-running-jobs', value: 2, ...line }
  }
  t.match(explanationText({ ...EXPLANATION, start }, undefined), [
    "Priority 9 among the user's jobs, 5 against jobs of others (at most 5: max-priority, /p.conf line 3).",
    'At most 50 jobs run at once (max-running-jobs).',
    'At most 2 jobs of the user run at once (max-running-jobs, /p.conf line 3).'
  ].join('\n'))
  t.notMatch(explanationText(EXPLANATION, undefined), /Priority|at once/)
})
