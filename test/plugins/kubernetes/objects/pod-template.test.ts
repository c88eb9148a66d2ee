import t from 'tap'
import { podTemplate } from '../../../../plugins/kubernetes/objects/pod-template.ts'
import { jobWith, settings } from '../sample-objects.ts'

const specOf = (...args: Parameters<typeof jobWith>) => podTemplate(jobWith(...args), settings).spec!
const contentOf = (...args: Parameters<typeof jobWith>) => specOf(...args).containers[0]!

t.test('a job without requests gets a restricted pod that runs once', async t => {
  const job = jobWith()
  t.strictSame(podTemplate(job, settings), {
    metadata: {
      labels: {
        'app.kubernetes.io/managed-by': 'job-launcher',
        'job-launcher/instance': 'c0ffee000000',
        'job-launcher/job': job.id,
        'job-launcher/user': 'ann'
      }
    },
    spec: {
      restartPolicy: 'Never',
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 10,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'content',
        image: 'registry.example/report:1',
        command: ['/bin/sh', '-c', '--', 'true', 'sh'],
        env: [{ name: 'JOB_LAUNCHER_JOB_ID', value: job.id }],
        securityContext: { allowPrivilegeEscalation: false }
      }]
    }
  })
})

t.test('the pod has the user, groups, working directory, limits and grace that the job requests', async t => {
  const spec = specOf({
    container: { image: 'i', runAsUserId: 0, runAsGroupId: 7, supplementalGroupIds: [8, 9] },
    workingDirectory: '/work',
    resourceLimits: [{ type: 'memory', value: 64 }],
    stopGraceSeconds: 3
  })
  t.strictSame(spec.securityContext, {
    seccompProfile: { type: 'RuntimeDefault' },
    runAsUser: 0,
    runAsGroup: 7,
    supplementalGroups: [8, 9],
    supplementalGroupsPolicy: 'Strict'
  })
  t.match(spec, {
    terminationGracePeriodSeconds: 3,
    containers: [{ workingDir: '/work', resources: { limits: { memory: '64M' } } }]
  })
  t.equal(specOf({ stopGraceSeconds: 0 }).terminationGracePeriodSeconds, 1)
})

t.test('only a port with ready has the container probed', async t => {
  const { readinessProbe } = contentOf({
    exposedPorts: [{ targetPort: 80 }, {
      targetPort: 81, ready: { httpPath: '/x' }
    }]
  })
  t.match(readinessProbe, { httpGet: { path: '/x', port: 81 } })
  t.notOk('readinessProbe' in contentOf({ exposedPorts: [{ targetPort: 80 }] }))
})

t.test("the operator's service account is used, and decides whether its token is mounted", async t => {
  const spec = podTemplate(jobWith(), { ...settings, serviceAccount: 'runner' }).spec!
  t.equal(spec.serviceAccountName, 'runner')
  t.notOk('automountServiceAccountToken' in spec)
})

t.test('a job goes to the node it names, or to nodes with the labels it requests', async t => {
  t.equal(specOf({ host: 'node-a' }).nodeName, 'node-a')
  const spec = specOf({
    placementConstraints: [{ name: 'zone', value: 'a' }, { name: 'gpu' }, { name: 'empty', value: '' }]
  })
  t.strictSame(spec.nodeSelector, { zone: 'a', empty: '' })
  t.strictSame(spec.affinity, {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'gpu', operator: 'Exists' }] }]
      }
    }
  })
})

t.test('target ports are ports of the container, and published ports are host ports', async t => {
  t.strictSame(
    contentOf({
      exposedPorts: [
        { targetPort: 80, publishedPort: 8000 },
        { targetPort: 53, protocol: 'UDP' }
      ]
    }).ports,
    [
      { containerPort: 80, protocol: 'TCP', hostPort: 8000 },
      { containerPort: 53, protocol: 'UDP' }
    ]
  )
})

t.test('standard input is mounted from the Secret, readable by any user', async t => {
  const job = jobWith({ stdin: 'hunter2', mounts: [{ type: 'host', source: { path: '/a' }, mountPath: '/b' }] })
  const { spec } = podTemplate(job, settings)
  t.strictSame(spec?.volumes, [
    { name: 'mount-0', hostPath: { path: '/a' } },
    {
      name: 'stdin',
      secret: { secretName: `job-${job.id}`, items: [{ key: 'stdin', path: 'stdin' }], defaultMode: 0o444 }
    }
  ])
  t.strictSame(spec?.containers[0]?.volumeMounts, [
    { name: 'mount-0', mountPath: '/b' },
    { name: 'stdin', mountPath: '/run/job-launcher', readOnly: true }
  ])
  t.notMatch(JSON.stringify(spec), /hunter2/)
})
