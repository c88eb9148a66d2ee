// Outcomes of programs that ended by themselves, exceeded their memory limit or never started.

import { deletion, disrupted, failedPod, finished, init, type OutcomeRow } from './outcome-fixtures.ts'
import { gonePod, jobOf, NOW, podOf, running, terminated, trackedPod } from '../sample-views.ts'

const failedInit = init(3)
const waitsForFile = jobOf({
  submission: {
    ...jobOf().submission, dataMounts: [{ path: 'apps/12', mountPath: '/app', waitForFiles: ['app.R'] }]
  }
})
const failedSidecar = { name: 'proxy', sidecar: { started: true }, terminated: { exitCode: 7, reason: 'Error' } }

export const PROGRAM_OUTCOMES: OutcomeRow[] = [
  // The program ended by itself.
  [
    'exit code 0',
    { pods: [trackedPod(finished(0))] },
    { status: 'Finished', reason: 'Exited', exitCode: 0, message: 'The program ended with exit code 0.' }
  ],
  ['exit code 3', { pods: [trackedPod(finished(3))] }, { status: 'Finished', reason: 'Exited', exitCode: 3 }],
  [
    "exit code 137, which may be the program's own",
    { pods: [trackedPod(finished(137))] },
    { status: 'Finished', reason: 'Exited', exitCode: 137, message: /was killed/ }
  ],
  ['exit code 255', { pods: [trackedPod(finished(255))] }, { status: 'Finished', reason: 'Exited', exitCode: 255 }],
  [
    'the exit code that a shell uses for a signal',
    { pods: [trackedPod(finished(139))] },
    { status: 'Finished', reason: 'Signaled', exitCode: 139, message: /SIGSEGV/ }
  ],
  [
    'a signal that the container runtime reports',
    { pods: [trackedPod(finished(137, { signal: 9 }))] },
    { status: 'Finished', reason: 'Signaled', message: /SIGKILL/ }
  ],
  ['exit code 0 of a pod that is gone', { pods: [gonePod(podOf(), finished(0))] }, { status: 'Finished', exitCode: 0 }],
  [
    'a succeeded pod without container statuses',
    { pods: [trackedPod(podOf({ phase: 'Succeeded', containers: [] }))] },
    { status: 'Finished', exitCode: 0 }
  ],
  [
    'the program terminated and a sidecar still runs',
    { pods: [trackedPod(podOf({ containers: [terminated(4), { ...running, name: 'proxy' }] }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 4 }
  ],
  [
    'the pod was deleted after the end of the program',
    { pods: [gonePod(podOf(), finished(5), finished(5, {}, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the pod was deleted after the end of the program, and both were observed at once',
    { pods: [trackedPod(finished(5, { finishedAt: NOW - 21_000 }, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the pod was deleted in the same second in which its program exited',
    { pods: [trackedPod(finished(5, { finishedAt: NOW - 20_000 }, deletion))] },
    { reason: 'Exited', exitCode: 5 }
  ],
  [
    'the node was drained after the end of the program',
    { pods: [trackedPod(finished(5, {}, { conditions: [disrupted('EvictionByEvictionAPI', NOW - 1000)] }))] },
    { reason: 'Exited', exitCode: 5 }
  ],

  // It exceeded its memory limit.
  [
    'out of memory',
    { pods: [trackedPod(finished(137, { reason: 'OOMKilled' }))] },
    { status: 'Killed', reason: 'OutOfMemory', exitCode: 137, message: /limit of its container/ }
  ],
  [
    'out of memory of a job with a limit',
    {
      job: jobOf({ submission: { ...jobOf().submission, resourceLimits: [{ type: 'memory', value: 64 }] } }),
      pods: [trackedPod(finished(137, { reason: 'OOMKilled' }))]
    },
    { reason: 'OutOfMemory', message: /64 MB/ }
  ],
  [
    'a child process ran out of memory',
    { pods: [trackedPod(finished(1, { reason: 'OOMKilled' }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 1, message: /code 1; before that, a .* killed\.$/ }
  ],
  [
    'a child process ran out of memory, and the program exited with 0',
    { pods: [trackedPod(finished(0, { reason: 'OOMKilled' }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 0, message: /before that, a process/ }
  ],

  // It never started.
  [
    'the program does not exist',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: 'nope', container: { image: 'i' } } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            startedAt: 0,
            message: 'exec: "nope": executable file not found in $PATH: unknown'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'ExecutableNotFound', message: /nope .*\$PATH/ }
  ],
  [
    'the image has no shell',
    {
      pods: [
        trackedPod(finished(127, { reason: 'ContainerCannotRun', message: 'stat /bin/sh: no such file or directory' }))
      ]
    },
    { reason: 'ExecutableNotFound', message: /\/bin\/sh/ }
  ],
  [
    'the image has no shell, which opens the files of process logs',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: 'prog', container: { image: 'i' } } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            startedAt: 0,
            message: 'exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'ShellNotFound', exitCode: undefined, message: /container\.output .* node/ }
  ],
  [
    'the files of process logs are missing',
    { pods: [trackedPod(finished(125, { message: 'job-launcher process logs: missing' }))] },
    { status: 'Failed', reason: 'ProcessLogsNotWritable', exitCode: undefined, message: /DataDirPath/ }
  ],
  [
    'the files of process logs cannot be opened',
    {
      pods: [
        trackedPod(
          finished(125, {
            message: 'job-launcher process logs: not-writable stdout sh: 16: cannot create /a/stdout: Permission denied'
          })
        )
      ]
    },
    {
      status: 'Failed',
      reason: 'ProcessLogsNotWritable',
      exitCode: undefined,
      message: / host .*, or set container\.output of the job .* to node .*Permission denied/
    }
  ],
  [
    'a file that the job chose for its output cannot be opened',
    {
      job: jobOf({ submission: { ...jobOf().submission, stdoutFile: '/out/nodir/w5' } }),
      pods: [
        trackedPod(
          finished(125, {
            message: 'job-launcher process logs: not-writable stdout sh: 16: cannot create /out/nodir/w5: Directory ' +
              'nonexistent'
          })
        )
      ]
    },
    {
      status: 'Failed',
      reason: 'OutputFileNotWritable',
      exitCode: undefined,
      message: /^(?!.*node).* \/out\/nodir\/w5 \(stdoutFile\), .* \/out\/nodir must exist.*runAsUserId.*nonexistent/
    }
  ],
  [
    "the launcher's file for the stream that the job did not choose cannot be opened",
    {
      job: jobOf({ submission: { ...jobOf().submission, stdoutFile: '/out/w5' } }),
      pods: [
        trackedPod(finished(125, { message: 'job-launcher process logs: not-writable stderr sh: Permission denied' }))
      ]
    },
    {
      status: 'Failed',
      reason: 'ProcessLogsNotWritable',
      exitCode: undefined,
      message: /, or remove stdoutFile and stderrFile, and set container\.output/
    }
  ],
  [
    'the shell that opened the files of process logs does not find the program',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: 'nope', container: { image: 'i' } } }),
      pods: [trackedPod(finished(127, { message: 'job-launcher process logs: not-executed 127' }))]
    },
    { status: 'Failed', reason: 'ExecutableNotFound', exitCode: undefined, message: /nope does not exist/ }
  ],
  [
    'the shell that opened the files of process logs cannot execute the program',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: 'nope', container: { image: 'i' } } }),
      pods: [trackedPod(finished(126, { message: 'job-launcher process logs: not-executed 126' }))]
    },
    { status: 'Failed', reason: 'ExecutableNotFound', exitCode: undefined, message: /nope cannot be executed/ }
  ],
  [
    'the shell that opened the files of process logs finds the program and not its interpreter',
    {
      job: jobOf({ status: 'Pending', submission: { name: 'x', exe: '/r', container: { image: 'i' } } }),
      pods: [trackedPod(finished(127, { message: 'job-launcher process logs: not-executed 127 found #!/bin/sh\r\n' }))]
    },
    { status: 'Failed', reason: 'InterpreterNotFound', exitCode: undefined, message: /ends with a carriage return/ }
  ],
  [
    'the program itself ended with exit code 127',
    { pods: [trackedPod(finished(127, { message: 'own words' }))] },
    { status: 'Finished', reason: 'Exited', exitCode: 127 }
  ],
  [
    'the working directory does not exist',
    {
      job: jobOf({ submission: { ...jobOf().submission, workingDirectory: '/nowhere' } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            message: 'chdir to cwd ("/nowhere") set in config.json failed: not a directory'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'WorkingDirectoryNotFound', message: /\/nowhere/ }
  ],
  ...(['/etc/passwd', '/etc/passwd/more', '/etc//passwd/'].map((workingDirectory): OutcomeRow => [
    `the working directory ${workingDirectory} is, or crosses, a file`,
    {
      job: jobOf({ submission: { ...jobOf().submission, workingDirectory } }),
      pods: [
        trackedPod(
          finished(128, {
            reason: 'StartError',
            message: 'runc create failed: error during container init: mkdir /etc/passwd: not a directory'
          })
        )
      ]
    },
    { status: 'Failed', reason: 'WorkingDirectoryNotFound', message: /passwd.* does not exist .* not a directory/ }
  ])),
  [
    'the runtime could not create another folder than the working directory',
    {
      job: jobOf({ submission: { ...jobOf().submission, workingDirectory: '/etc/passwords' } }),
      pods: [trackedPod(finished(128, { reason: 'StartError', message: 'init: mkdir /etc/passwd: not a directory' }))]
    },
    { status: 'Failed', reason: 'StartFailed' }
  ],
  [
    'the runtime could not start the program',
    { pods: [trackedPod(finished(128, { reason: 'StartError', message: 'out of luck' }))] },
    { status: 'Failed', reason: 'StartFailed', message: /out of luck/ }
  ],
  [
    'an init container failed',
    { pods: [trackedPod(init(3))] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* exit code 3/ }
  ],
  [
    'an init container that reports its last output failed',
    { pods: [trackedPod(init(3, 'Error', { message: 'fetching\r\n\u001B[31mno such host\u001B[0m\n' }))] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* 3 \(it says: fetching no such host\)\.$/ }
  ],
  [
    'an init container failed beside a sidecar that failed too',
    { pods: [trackedPod({ ...failedInit, initContainers: [failedSidecar, ...failedInit.initContainers] })] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* exit code 3/ }
  ],
  [
    'a file of the data did not appear',
    { job: waitsForFile, pods: [trackedPod(init(1, 'Error', { name: 'wait-for-files', message: '/app/app.R' }))] },
    { status: 'Failed', reason: 'DataNotReady', message: /the file \/app\/app\.R: it is not in the data/ }
  ],
  [
    'the step that waits for files could not run its shell',
    {
      job: waitsForFile,
      pods: [trackedPod(init(127, 'Error', { name: 'wait-for-files', message: '/bin/sh: libc.so.6: cannot open' }))]
    },
    { status: 'Failed', reason: 'InitFailed', message: /127 \(it says: \/bin\/sh: libc\.so\.6: cannot open\)/ }
  ],
  [
    'the image of the step that waits for files has no shell',
    {
      pods: [trackedPod(init(128, 'StartError', { name: 'wait-for-files', message: 'exec: "/bin/sh": no such file' }))]
    },
    { status: 'Failed', reason: 'InitFailed', message: /wait-for-files.*no such file/ }
  ],
  [
    'an init container ran out of memory',
    { pods: [trackedPod(init(137, 'OOMKilled'))] },
    { status: 'Failed', reason: 'InitFailed', message: /fetch.* more memory/ }
  ],
  [
    'the node had no resources left',
    { pods: [trackedPod(failedPod('OutOfcpu', "Node didn't have enough resource: cpu"))] },
    { status: 'Failed', reason: 'NodeRefused', message: /node-a.*cpu/ }
  ],
  [
    'the node does not have the labels',
    { pods: [trackedPod(failedPod('NodeAffinity', 'Predicate NodeAffinity failed'))] },
    { status: 'Failed', reason: 'NodeRefused' }
  ],
  [
    'the published port was taken on the node',
    {
      job: jobOf({
        submission: { ...jobOf().submission, exposedPorts: [{ targetPort: 80, publishedPort: 8080 }] }
      }),
      pods: [trackedPod(failedPod('NodePorts', "Predicate NodePorts failed: node(s) didn't have free ports"))]
    },
    { status: 'Failed', reason: 'NodeRefused', message: /node-a refused .* the published port 8080 free \(Kubernetes/ }
  ],
  [
    'the container runtime of the node does not support the groups of the job',
    {
      pods: [
        trackedPod(
          failedPod(
            'SupplementalGroupsPolicyNotSupported',
            'SupplementalGroupsPolicy=Strict is not supported in this node'
          )
        )
      ]
    },
    { status: 'Failed', reason: 'NodeRefused', message: /sets securityContext\.supplementalGroupsPolicy to Merge in/ }
  ],
  [
    'the node did not admit the pod',
    { pods: [trackedPod(failedPod('UnexpectedAdmissionError', 'no'))] },
    { status: 'Failed', reason: 'NodeRefused' }
  ]
]
