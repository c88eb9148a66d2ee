import t from 'tap'
import type { JobSubmission } from '../../../launcher/plugin.ts'
import { readLaunchLinks, slowStartMessage } from '../../../plugins/local/slow-start.ts'
import { sampleJob } from '../../fixtures/sample-job.ts'
import { standInSupervisor } from '../../fixtures/stand-in-supervisor.ts'

const base = sampleJob()
const kept = (name: string): string => `/scratch/Local/jobs/${base.id}/${name}`
const BEGIN = { cwd: '/', stdout: kept('stdout'), stderr: kept('stderr') }
const all = { exe: '/bin/prog', workingDirectory: '/work', stdoutFile: '/data/out', stderrFile: '/data/err' }

const cases: Array<[what: string, Partial<JobSubmission>, home: string | undefined, links: object, awaited: string]> = [
  ['its folder', all, '/home/ann', {}, 'the working directory /work'],
  ['its output file', all, '/home/ann', { cwd: '/work' }, 'the output file /data/out'],
  ['its error file', all, '/home/ann', { cwd: '/work', stdout: '/data/out' }, 'the output file /data/err'],
  [
    'its program',
    all,
    '/home/ann',
    { cwd: '/work', stdout: '/data/out', stderr: '/data/err' },
    'the program /bin/prog'
  ],
  ['its program, in the folder /', { exe: 'prog', workingDirectory: '/' }, '/home/ann', {}, 'the program prog'],
  ['the home folder', { command: 'x' }, '/home/ann', {}, 'the home folder /home/ann'],
  [
    'the home folder, or what follows a missing one',
    { command: 'x', stdoutFile: '/data/out' },
    '/home/ann',
    {},
    'the home folder /home/ann or the output file /data/out'
  ]
]

for (const [what, submission, home, links, awaited] of cases) {
  t.equal(
    slowStartMessage({ ...base, submission: { name: 'x', ...submission } }, home, { ...BEGIN, ...links }),
    `The program has not started yet: the job waits for ${awaited}.`,
    `a job that waits for ${what}`
  )
}

t.test('nothing is named that is not known', async t => {
  const message = 'The program has not started yet.'
  const command = { ...base, submission: { name: 'x', command: 'x' } }
  t.equal(slowStartMessage(command, '/', BEGIN), message, 'a command in the folder /')
  t.equal(slowStartMessage(command, undefined, BEGIN), message, 'the record was removed')
  const unknown = { cwd: undefined, stdout: undefined, stderr: undefined }
  t.equal(slowStartMessage({ ...base, submission: { name: 'x', ...all } }, '/home/ann', unknown), message)
  t.strictSame(readLaunchLinks(0), unknown)
})

t.test('the folder and the files of the process that runs the launch script are read', async t => {
  const script = '(cd /usr && exec sleep 60) > /dev/full 2> /dev/null & echo; wait'
  const { child, pid } = await standInSupervisor(t, base.id, script, { stdio: ['ignore', 'pipe', 'ignore'] })
  await new Promise(resolve => child.stdout!.once('data', resolve))
  t.teardown(() => process.kill(-pid, 'SIGKILL'))
  let links = readLaunchLinks(pid)
  while (links.cwd !== '/usr') {
    await new Promise(resolve => setImmediate(resolve))
    links = readLaunchLinks(pid)
  }
  t.strictSame(links, { cwd: '/usr', stdout: '/dev/full', stderr: '/dev/null' })
})
