import t from 'tap'
import { problemText } from '../../../../launcher/lib/problem.ts'
import { checkManifest } from '../../../../plugins/kubernetes/manifests/check-manifest.ts'
import { RESERVED_FIELDS, type ManifestKind } from '../../../../plugins/kubernetes/manifests/reserved-fields.ts'
import { readManifest } from '../../../../plugins/kubernetes/manifests/read-manifest.ts'

async function problems (text: string, kind: ManifestKind = 'Job'): Promise<string[]> {
  return (
    await checkManifest(readManifest(text, { from: 'cluster', file: 'b.yaml' }).manifest!, kind, RESERVED_FIELDS[kind])
  ).map(problemText)
}

/** The problems in the lines below `spec.template.spec`, with line numbers that count from 1 there. */
async function inPod (...lines: string[]): Promise<string[]> {
  const all = await problems(
    [
      'apiVersion: batch/v1',
      'kind: Job',
      'spec:',
      '  template:',
      '    spec:',
      ...lines.map(line => `      ${line}`)
    ].join('\n')
  )
  return all.map(each =>
    each.replace(/^b\.yaml line (\d+): (spec\.template\.spec\.)?/, (_, line: string) => `${Number(line) - 5} `)
  )
}

t.test('a manifest of another kind is refused', async t => {
  t.strictSame(await problems('apiVersion: v1\nkind: Pod'), [
    'b.yaml line 1: apiVersion is not batch/v1: "v1"',
    'b.yaml line 2: kind is not Job: "Pod"'
  ])
  t.strictSame(await problems('apiVersion: batch/v1beta1\nkind: Job'), [
    'b.yaml line 1: apiVersion is not batch/v1: "batch/v1beta1"'
  ])
  t.strictSame(await problems('spec: {}'), [
    'b.yaml line 1: has no apiVersion; a base Job has apiVersion: batch/v1',
    'b.yaml line 1: has no kind; a base Job has kind: Job'
  ])
  t.strictSame(await problems(''), ['b.yaml line 1: is not a manifest of a Job: it is empty'])
  t.strictSame(await problems('[]'), ['b.yaml line 1: is not a manifest of a Job: []'])
  t.strictSame(await problems('apiVersion: batch/v1\nkind: Job', 'Service'), [
    'b.yaml line 1: apiVersion is not v1: "batch/v1"',
    'b.yaml line 2: kind is not Service: "Job"'
  ])
})

t.test('a correct manifest has no problems', async t => {
  t.strictSame(
    await inPod(
      'priorityClassName: low',
      'hostAliases: [{ip: 192.0.2.1, hostnames: [a]}]',
      'tolerations: [{key: a}, {key: a, operator: Exists}]',
      'securityContext: {runAsNonRoot: true, fsGroup: 5, sysctls: [{name: a, value: "1"}]}',
      'containers:',
      '- name: content',
      '  resources: {limits: {cpu: 2, memory: 1Gi, nvidia.com/gpu: 1}, requests: {cpu: 100m, memory: 1.5e3}}',
      '  readinessProbe: {httpGet: {port: 80}}',
      '  env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]',
      '- {name: proxy, image: "x:1", command: [a], env: [{name: JOB_X, value: a}]}',
      'volumes: [{name: a, emptyDir: {sizeLimit: 1Gi, medium: Memory}}]'
    ),
    []
  )
  t.strictSame(
    await problems(
      'apiVersion: v1\nkind: Service\nspec:\n  type: NodePort\n  ports: [{name: a, port: 1, targetPort: web}]',
      'Service'
    ),
    []
  )
})

t.test('unknown fields and values of the wrong type are reported with their lines', async t => {
  t.strictSame(
    await inPod(
      'toleration: []',
      'hostNetwork: "yes"',
      'hostPID: yes',
      'priority: high',
      'priorityClassName: 5',
      'containers: {}',
      'affinity: []',
      'volumes:',
      '$patch: replace'
    ),
    [
      '1 toleration is not a known field; did you mean tolerations?',
      '2 hostNetwork is not true or false: "yes"',
      '3 hostPID is not true or false: "yes"',
      '4 priority is not a whole number: "high"',
      '5 priorityClassName is not text; write it in quotes: 5',
      '6 containers is not a list: {}',
      '7 affinity is not an object: []',
      '8 volumes is empty',
      '9 $patch is a patch directive; a base manifest must have none'
    ]
  )
  t.strictSame(
    await inPod(
      'nodeSelector: {a: 1}',
      'containers:',
      '- name: content',
      '  env: [{name: A, value: true}]',
      '  resources: {limits: {memory: lots, nvidia.com/gpu: [1]}}',
      '  livenessProbe: {httpGet: {port: 1.5}}'
    ),
    [
      '1 nodeSelector.a is not text; write it in quotes: 1',
      '4 containers[0].env[0].value is not text; write it in quotes: true',
      '5 containers[0].resources.limits.memory is not a quantity such as 500m or 2Gi: "lots"',
      '5 containers[0].resources.limits.nvidia.com/gpu is not a quantity such as 500m or 2Gi: [1]',
      '6 containers[0].livenessProbe.httpGet.port is not a whole number or text: 1.5'
    ]
  )
})

t.test('a missing or duplicate merge key of a list item is reported', async t => {
  t.strictSame(
    await inPod(
      'containers:',
      '- image: x',
      '- {name: a, ports: [{containerPort: 1}, {containerPort: 1, protocol: TCP}, {name: x}]}',
      '- name: a',
      'tolerations: [{key: a}, {key: a, operator: Equal}]'
    ),
    [
      '2 containers[0] has no name',
      '3 containers[1].ports[1] has the same containerPort, protocol as spec.template.spec.containers[1].ports[0]',
      '3 containers[1].ports[2] has no containerPort',
      '4 containers[2] has the same name as spec.template.spec.containers[1]',
      '5 tolerations[1] has the same key, operator, value, effect as spec.template.spec.tolerations[0]'
    ]
  )
})

t.test('a reserved field is refused with the reason', async t => {
  t.strictSame(
    await inPod(
      'restartPolicy: Always',
      'serviceAccount: x',
      'containers:',
      '- name: content',
      '  image: x',
      '  command: [x]',
      '  args: [x]',
      '  env: [{name: JOB_PORT, value: "1"}]',
      '  volumeMounts: [{name: stdin, mountPath: /run/job-launcher}]',
      'volumes: [{name: mount-0, emptyDir: {}}, {name: rsc-volume, emptyDir: {}}]'
    ),
    [
      '1 restartPolicy is set by the launcher: a job runs once and ends once',
      '2 serviceAccount is set by the launcher: the name is deprecated; use serviceAccountName',
      '5 containers[0].image is set by the launcher: it runs the program of the job',
      '6 containers[0].command is set by the launcher: it runs the program of the job',
      '7 containers[0].args is set by the launcher: it runs the program of the job',
      '8 containers[0].env[0] is set by the launcher: it describes the job to the program in variables ' +
      'that begin with JOB_',
      '9 containers[0].volumeMounts[0] is set by the launcher: it creates the volume of that name',
      '10 volumes[0] is set by the launcher: it creates the volume of that name',
      '10 volumes[1] is set by the launcher: it creates the volume of that name'
    ]
  )
  t.strictSame(
    await problems(
      'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: x\n  labels: {job-name: x, team: y}\nspec:\n  ' +
      'backoffLimit: 4\n  selector: {}\nstatus: {}'
    ),
    [
      'b.yaml line 4: metadata.name is set by the launcher: names and owners are derived from the id of the job',
      'b.yaml line 5: metadata.labels.job-name is set by the launcher: it finds its objects by this label',
      'b.yaml line 7: spec.backoffLimit is set by the launcher: a job runs once and ends once',
      'b.yaml line 8: spec.selector is set by the launcher: a job runs once and ends once',
      'b.yaml line 9: status is set by the launcher: only the cluster reports it'
    ]
  )
  t.strictSame(
    await problems('apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec:\n  selector: {a: b}', 'Service'),
    [
      'b.yaml line 3: metadata.name is set by the launcher: names and owners are derived from the id of the job',
      'b.yaml line 5: spec.selector is set by the launcher: it selects the pod of the job'
    ]
  )
})
