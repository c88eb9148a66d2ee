// Programs whose output goes to files in the host's data, compared with the same programs whose output goes to the logs
// of the node: on a real cluster whose node is this machine. The plugin acts as a user with exactly the Role of
// conf-templates.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { JobSubmission } from '../../launcher/plugin.ts'
import { dataFolderOf } from '../../plugins/kubernetes/config/data-folder.ts'
import { pausedJob } from '../../plugins/kubernetes/metadata/annotations.ts'
import { jobObject } from '../../plugins/kubernetes/objects/job.ts'
import type { Driver } from '../conformance/driver.ts'
import { keptRules } from '../fixtures/key-rules.ts'
import { UNTIL_STOPPED } from '../fixtures/shell-programs.ts'
import { IMAGE, program } from './busybox.ts'
import { makeClaim } from './claim.ts'
import { noCluster, testCluster } from './cluster.ts'
import { untilPodRefused } from './deny-webhook.ts'
import { onlyTheRole } from './only-the-role.ts'
import { driverOn, podsOf } from './plugin-driver.ts'

const container = { image: IMAGE }
const exe = (exe: string, ...args: string[]): JobSubmission => ({ name: 'program', exe, args, container })
const AWKWARD = ['', ' ', '-n', '--', '$(HOME)', '$HOME', '$$', '"', "'", '\\', '*', 'a\nb', 'é']

/** Shells pass variables on in an order of their own. */
const sorted = (text: string): string[] => text.split('\n').sort()

/** Programs that must end alike and write alike wherever their output goes. */
const ALIKE: Readonly<Record<string, JobSubmission>> = {
  'an exit code': program('echo out; exit 3'),
  'the exit codes of a shell for programs that it cannot run': program(
    'exec 2> /dev/null; nosuch-4711; echo $?; /etc/passwd; exit $?'
  ),
  'the exit code that reports unusable files': program('exit 125'),
  'a signal': program('exec 2> /dev/null; sh -c "kill -SEGV \\$\\$"; exit $?'),
  'the process id': program('echo $$ $PPID'),
  'the processes of a job': exe('/bin/sh', '-c', 'echo $$ $PPID /proc/[0-9]*'),
  'awkward arguments of an exe': exe('printf', '<%s>', ...AWKWARD),
  'awkward arguments of a command': { ...program('printf "<%s>"'), args: AWKWARD },
  'standard input of a command': program('cat', { stdin: 'a\nb' }),
  'standard input of an exe': { ...exe('cat'), stdin: 'a\nb' },
  'empty standard input': exe('wc', '-c'),
  'the working folder': program('pwd', { workingDirectory: '/etc' }),
  'the working folder of an exe': { ...exe('pwd'), workingDirectory: '/etc' },
  'a working folder that cannot be entered': program('pwd', { workingDirectory: '/etc/passwd/x' }),
  'a supervisor': program('echo "$A"', { container: { ...container, supervisor: '/bin/nice' } }),
  'the environment of a command': program('env | grep -v "^HOSTNAME=\\|^JOB_LAUNCHER_JOB_ID=" | sort', {
    environment: [{ name: 'A', value: '$(HOME) $$ \n x' }, { name: 'job', value: 'b' }],
    secrets: [{ name: 'S', value: 's' }]
  }),
  'the environment of an exe': {
    ...exe('/bin/env', '-u', 'HOSTNAME', '-u', 'JOB_LAUNCHER_JOB_ID', 'env'),
    environment: [{ name: 'A', value: '$(HOME) $$ \n x' }, { name: 'job', value: 'b' }],
    secrets: [{ name: 'S', value: 's' }]
  },
  'the open descriptors': exe('ls', '/proc/self/fd'),
  'a program that does not exist': exe('/no/such/program'),
  'a program that is not in PATH': exe('nosuch-4711'),
  'a folder as program': exe('/etc'),
  'a file that is not executable': exe('/etc/passwd'),
  'a user without rights': program('id -u; id -g', {
    container: { ...container, runAsUserId: 1234, runAsGroupId: 1234 }
  })
}

t.test('process logs on a real cluster', { skip: noCluster, timeout: 500_000 }, async t => {
  t.jobs = 4
  const cluster = await testCluster(t)
  const { client, namespace } = cluster
  const kubeconfig = await onlyTheRole(t, cluster)
  const outside = mkdtempSync(join(tmpdir(), 'jl-logs-'))
  t.teardown(() => rmSync(outside, { recursive: true, force: true }))
  const data = join(outside, 'data')
  for (const folder of ['data/apps', 'elsewhere']) mkdirSync(join(outside, folder), { recursive: true })
  chmodSync(outside, 0o755)
  const ofInstance = join(data, 'process-logs/c0ffee000000/Conformance')
  const keys = { 'data-dir': data, output: 'data' } as const
  const show = (name: string, work: (t: Test) => Promise<unknown>) =>
    t.test(name, { buffered: true, timeout: 150_000 }, work)

  const byData = await driverOn(t, cluster, kubeconfig, keys)
  const byNode = await driverOn(t, cluster, kubeconfig, { ...keys, output: 'node', 'log-dir': 'node' })

  async function endOf (driver: Driver, submission: JobSubmission) {
    const job = await driver.submit(submission)
    const { outcome: { message, ...outcome } } = await driver.untilEnded(job)
    return { outcome, stdout: String(await driver.read(job)), message, job }
  }

  for (const [what, submission] of Object.entries(ALIKE)) {
    show(`${what}: the same as with the log of the node`, async t => {
      const [ofData, ofNode] = await Promise.all([endOf(byData, submission), endOf(byNode, submission)])
      t.strictSame(ofData.outcome, ofNode.outcome, ofData.message)
      t.strictSame(sorted(ofData.stdout), sorted(ofNode.stdout))
    })
  }

  show('the streams are in two files, and the log of the pod says where', async t => {
    const { job } = await endOf(byData, program('echo out; echo err >&2', {
      dataMounts: [{ path: 'apps', mountPath: '/apps' }]
    }))
    t.equal(String(await byData.read(job)), 'out\n')
    t.equal(String(await byData.read(job, { stream: 'stderr' })), 'err\n')
    const [pod] = await podsOf(cluster, job)
    const path = `/api/v1/namespaces/${namespace}/pods/${pod!.metadata.name}/log`
    const log: Uint8Array[] = []
    for await (const piece of client.open('stream', { path, signal: new AbortController().signal })) log.push(piece)
    const folder = `c0ffee000000/Conformance/${readdirSync(ofInstance).find(name => name.startsWith(job.id))}`
    t.equal(
      Buffer.concat(log).toString(),
      'job-launcher: the output is in the data of the host: ' +
      `process-logs/${folder}/stdout and process-logs/${folder}/stderr\n`
    )
  })

  show('a program whose interpreter is missing from the image is reported as such', async t => {
    writeFileSync(join(data, 'apps/crlf'), '#!/bin/sh\r\nexit 0\r\n', { mode: 0o755 })
    const ofScript = { ...exe('/apps/crlf'), dataMounts: [{ path: 'apps', mountPath: '/apps' }] }
    const [ofData, ofNode] = await Promise.all([endOf(byData, ofScript), endOf(byNode, ofScript)])
    t.match(ofData.outcome, { status: 'Failed', reason: 'InterpreterNotFound' })
    t.match(ofData.message, 'The first line of the program /apps/crlf, "#!/bin/sh\\r", ends with a carriage return')
    // The runtime has become the program before it fails, so its words and its exit code are those of the program.
    t.match(ofNode.outcome, { status: 'Finished', reason: 'Exited' })
    t.match(ofNode.stdout, /\/apps\/crlf: no such file or directory/)
  })

  show('a stop reaches the program', async t => {
    const job = await byData.submit(program(UNTIL_STOPPED, { stopGraceSeconds: 60 }))
    await byData.untilWritten(job, 'ready')
    await byData.control(job, 'stop')
    t.match((await byData.untilEnded(job)).outcome, { status: 'Finished', reason: 'Stopped' })
    t.equal(String(await byData.read(job)), 'ready\nbye\n')
  })

  show('a program sees only the folder of its own job', async t => {
    const other = await endOf(byData, program('echo secret'))
    const { stdout, job } = await endOf(byData, program('ls /run/job-launcher-logs; ls /run/job-launcher-logs/..'))
    t.equal(stdout, 'stderr\nstdout\njob-launcher-logs\n')
    t.equal(String(await byData.read(other.job)), 'secret\n')
    t.ok(readdirSync(ofInstance).some(name => name.startsWith(job.id)))
  })

  show('an image without a shell is reported, with what to set', async t => {
    const mounts = [{ type: 'host', source: { path: join(outside, 'elsewhere') }, mountPath: '/bin' }]
    const { outcome, message } = await endOf(byData, { ...exe('/sbin/program'), mounts })
    t.strictSame(outcome, { status: 'Failed', reason: 'ShellNotFound' })
    t.match(message, /container\.output of the job .* to node/)
    t.match(await endOf(byNode, { ...exe('/sbin/program'), mounts }), { outcome: { reason: 'ExecutableNotFound' } })
  })

  show("a job that says node, and one whose program is the image's own, do not need the data", async t => {
    const driver = await driverOn(t, cluster, kubeconfig, { ...keys, output: 'auto', 'log-dir': 'auto' })
    t.match(await endOf(driver, program('echo out', { container: { ...container, output: 'node' } })), {
      outcome: { exitCode: 0 }, stdout: 'out\n'
    })
    const job = await driver.prepare({ name: 'own', container })
    await driver.start(job)
    const { message } = (await driver.untilEnded(job)).outcome
    t.notMatch(message, /output/)
    await t.rejects(byData.prepare({ name: 'own', container }), { code: 'InvalidJob', details: { field: 'exe' } })
  })

  show('data that the node does not share with the launcher is reported', async t => {
    await makeClaim(t, cluster, 'elsewhere', join(outside, 'elsewhere'))
    const driver = await driverOn(t, cluster, kubeconfig, {
      'data-dir-pvc-name': 'elsewhere', 'data-dir-path': data, 'log-dir': 'elsewhere', output: 'data'
    })
    const { outcome, message, job } = await endOf(driver, program('echo out'))
    t.strictSame(outcome, { status: 'Failed', reason: 'ProcessLogsNotWritable' })
    t.match(message, /DataDirPath name the same folder/)
    t.equal(String(await driver.read(job)), '')
  })

  for (const [what, words, change] of [
    ['may not be written by the user of the program', /Permission denied/, { runAsUserId: 1234 }],
    ['are in a folder that is mounted read-only', /Read-only file system/, undefined]
  ] as const) {
    show(`files that ${what} are reported`, async t => {
      const user = change === undefined ? {} : { container: { ...container, ...change } }
      const job = await byData.prepare(program('echo out', user))
      const processLogs = `process-logs/${job.id}-${'0'.repeat(32)}`
      mkdirSync(join(data, processLogs), { recursive: true, mode: 0o711 })
      for (const stream of ['stdout', 'stderr']) writeFileSync(join(data, processLogs, stream), '', { mode: 0o600 })
      const body = pausedJob(jobObject(job, {
        namespace,
        instance: 'c0ffee000000',
        expiryHours: 1,
        data: dataFolderOf(keys, keptRules)!,
        processLogs
      }))
      if (change === undefined) body.spec!.template.spec!.containers[0]!.volumeMounts![0]!.readOnly = true
      await client.call({ method: 'POST', path: `/apis/batch/v1/namespaces/${namespace}/jobs`, body })
      await byData.start(job)
      const { message, ...outcome } = (await byData.untilEnded(job)).outcome
      t.strictSame(outcome, { status: 'Failed', reason: 'ProcessLogsNotWritable' })
      t.match(message, words)
    })
  }

  show('a job of a restricted namespace writes to a claim', async t => {
    const restricted = await testCluster(t)
    const account = await onlyTheRole(t, restricted)
    await restricted.client.call({
      method: 'PATCH',
      path: `/api/v1/namespaces/${restricted.namespace}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }
    })
    await untilPodRefused(restricted)
    await makeClaim(t, restricted, 'host-data', data)
    const driver = await driverOn(t, restricted, account, {
      'data-dir-pvc-name': 'host-data', 'data-dir-path': data, 'log-dir': 'restricted', output: 'data'
    })
    const { outcome, stdout, message } = await endOf(driver, program('id -u; rm /run/job-launcher-logs/stdout', {
      container: { ...container, runAsUserId: 1234, runAsGroupId: 1234 }
    }))
    t.match(outcome, { status: 'Finished', exitCode: 1 }, message)
    t.equal(stdout, '1234\n')
    const forbidden = await driverOn(t, restricted, account, { ...keys, 'log-dir': 'restricted' })
    await t.rejects(forbidden.prepare(program('true')), {
      code: 'NotSupportedByCluster', details: { field: 'container.output' }
    })
  })
})
