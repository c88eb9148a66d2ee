// The keys of launcher.kubernetes.conf, each with the setting from which it is rendered.

import { Type, type Static } from 'typebox'
import { setting } from '../../../launcher/plugin.ts'
import { ABSOLUTE_PATH } from '../../../launcher/lib/absolute-path.ts'
import { CLUSTER_KEYS, JOB_EXPIRY_HOURS, withHeading } from '../../../launcher/plugin-kit/cluster-keys.ts'
import { OUTPUT_KEYS } from '../../../launcher/plugin-kit/output-limit.ts'
import { STRATEGIES } from '../images/match-strategy.ts'
import { LABEL_VALUE } from '../metadata/labels.ts'
import { NAMESPACE } from '../client/paths.ts'
import { DNS_NAME } from '../metadata/names.ts'
import { OUTPUT_MODES } from './output-mode.ts'
import { POD_SECURITY } from './pod-security.ts'
import { RUNTIME_KEYS } from './runtime-keys.ts'

const dnsName = {
  pattern: DNS_NAME.source,
  'x-expected': 'a name of at most 253 lower-case letters, digits, - and .'
} as const
const namespace = {
  pattern: NAMESPACE.source,
  'x-expected': 'a name of at most 63 lower-case letters, digits and inner -'
} as const
const seconds = { minimum: 1, maximum: 31_536_000, unit: 'seconds' } as const
const strategy = { type: 'string', default: 'nearest' } as const
const TaggedPath = Type.String({
  pattern: '^[^,]+=/[^\\u0000]*$',
  'x-expected': 'a tag, = and an absolute path',
  description: 'Tag and path.'
})

/** In the order of the file. New keys are only added at the end of their group. */
export const KubernetesKeys = Type.Object({
  'kubernetes-namespace': Type.Optional(
    Type.String({
      heading: 'The namespace of the jobs, and the labels and account of their objects.',
      ...namespace,
      description:
        "Namespace in which jobs run. The launcher does not create it. Defaults to the namespace of the kubeconfig's " +
        'context, else to default-namespace.',
      ...setting('KubernetesNamespace', {
        description:
          'Namespace in which jobs run. The launcher does not create it. Defaults to the namespace of the ' +
          "kubeconfig's context, else to the KubernetesDefaultNamespace."
      })
    })
  ),
  installation: Type.Optional(
    Type.String({
      pattern: LABEL_VALUE.source,
      'x-expected': 'at most 63 letters, digits, . _ and -, with a letter or digit at both ends',
      description:
        'Name of the installation, a label of everything that the launcher creates in the cluster. Hosts that share ' +
        'an installation have the same name.',
      ...setting('Installation')
    })
  ),
  'default-service-account': Type.Optional(
    Type.String({
      ...dnsName,
      description:
        'Service account of the pods. Without it, they have the default account of the namespace, and no token.',
      ...setting('KubernetesDefaultServiceAccount')
    })
  ),
  'default-namespace': Type.String({
    ...namespace,
    default: 'rstudio',
    description: "Namespace of the jobs if neither kubernetes-namespace nor the kubeconfig's context names one.",
    ...setting('KubernetesDefaultNamespace', {
      spawned: 'rstudio-connect',
      description: "Namespace of the jobs if neither KubernetesNamespace nor the kubeconfig's context names one."
    })
  }),
  'pod-security': Type.Enum([...POD_SECURITY], {
    ...{ type: 'string', default: 'auto' },
    description: "Pod Security level that the pods meet: baseline, restricted or auto, the namespace's own.",
    ...setting('KubernetesPodSecurity')
  }),
  kubeconfig: Type.Optional(
    Type.String({
      heading:
        'Access to the API server: a kubeconfig file, a URL with a token file, or, in a pod, the account of the pod.',
      ...ABSOLUTE_PATH,
      description:
        'Kubeconfig file. Without it, api-url, the files of the environment variable KUBECONFIG or, in a pod, the ' +
        "pod's own service account.",
      ...setting('Kubeconfig', {
        type: 'path',
        description:
          'Kubeconfig file. Without it the KubernetesApiUrl, the files of the environment variable KUBECONFIG or, in ' +
          "a pod, the pod's own service account."
      })
    })
  ),
  'api-url': Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
      'x-expected': 'a URL such as https://kubernetes.example:6443',
      description: 'URL of the API server, up to and without /api.',
      ...setting('KubernetesApiUrl')
    })
  ),
  'auth-token-path': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      description: 'File with the token for api-url. It is read again when it changes.',
      ...setting('KubernetesAuthTokenPath', {
        type: 'path',
        description: 'File with the token for KubernetesApiUrl. It is read again when it changes, and never copied.'
      })
    })
  ),
  'certificate-authority': Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/]+=*$',
      'x-expected': 'a certificate (PEM) in base64',
      description:
        "Certificate (PEM) of the authority that signed the API server's, in base64 as in a kubeconfig. Defaults to " +
        "the system's authorities.",
      ...setting('KubernetesCACertificateData')
    })
  ),
  'verify-ssl-certs': Type.Boolean({
    default: true,
    description: "Whether to verify the API server's certificate. Leave it enabled."
  }),
  required: Type.Boolean({
    default: false,
    description:
      'Do not start (exit code 69) if the API server cannot be reached at the start; otherwise the launcher waits ' +
      'for it.',
    ...setting('KubernetesRequired', {
      description:
        'Whether the launcher ends with exit code 69 if it cannot reach the API server at the start, instead of ' +
        'waiting for it.'
    })
  }),
  'kubeconfig-context': Type.Optional(
    Type.String({
      minLength: 1,
      description: "Context of the kubeconfig. Defaults to the kubeconfig's current context.",
      ...setting('KubeconfigContext')
    })
  ),
  'watch-timeout-seconds': Type.Integer({
    heading: 'Load on the API server.',
    minimum: 30,
    maximum: 3600,
    unit: 'seconds',
    default: 590,
    description: 'Longest duration of one watch. Each watch lasts between half of it and all of it.'
  }),
  'fetch-limit': Type.Integer({
    minimum: 10,
    maximum: 10_000,
    default: 250,
    description: 'Number of objects in one page of a list.'
  }),
  'writes-per-second': Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Most writes to the API server in a second. Without it, only concurrency and the server limit them.',
      ...setting('KubernetesWritesPerSecond', {
        description:
          'Most writes to the API server in a second. Without it, only KubernetesConcurrency and the server limit them.'
      })
    })
  ),
  ...CLUSTER_KEYS.properties,
  ...OUTPUT_KEYS.properties,
  'scratch-path': withHeading(CLUSTER_KEYS.properties['scratch-path'], 'Folder for the output of jobs.'),
  'job-expiry-hours': Type.Number({
    heading: 'How long an ended job is kept.',
    ...JOB_EXPIRY_HOURS,
    description: 'How long an ended job is kept. An hour later Kubernetes itself removes what is left of it.',
    from: 'JobExpiry'
  }),
  'image-pull-deadline-seconds': Type.Integer({
    heading: 'Start deadlines of batch jobs, and of jobs that expose ports.',
    ...seconds,
    default: 900,
    description:
      'A job fails with ImagePullBackOff if its image still cannot be pulled this long after it got a node.',
    ...setting('KubernetesImagePullDeadline')
  }),
  'interactive-image-pull-deadline-seconds': Type.Integer({
    ...seconds,
    default: 300,
    description:
      'A job that exposes ports fails with ImagePullBackOff if its image still cannot be pulled this long after it ' +
      'got a node.',
    ...setting('KubernetesInteractiveImagePullDeadline')
  }),
  'start-deadline-seconds': Type.Integer({
    ...seconds,
    default: 86_400,
    description: 'A job fails with StartTimeout if it is not running this long after the cluster took it.',
    ...setting('KubernetesStartDeadline')
  }),
  'interactive-start-deadline-seconds': Type.Integer({
    ...seconds,
    default: 600,
    description:
      'A job that exposes ports fails with StartTimeout if it is not running this long after the cluster took it.',
    ...setting('KubernetesInteractiveStartDeadline')
  }),
  'server-user': Type.Optional(
    Type.String({
      heading: 'Users of jobs, what they may use, and the images of jobs.',
      minLength: 1,
      description:
        'User name put in the labels of jobs that specify no user. Defaults to server-user of launcher.conf.',
      ...setting('KubernetesServerUser', {
        description:
          'User name put in the labels of Kubernetes jobs that specify no user. Defaults to the ServerUser.'
      })
    })
  ),
  'profile-config': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      default: '{config-dir}/launcher.kubernetes.profiles.conf',
      mustExist: true,
      description: 'File with limits and defaults for all, a group or a user. Only the default file may be missing.',
      ...setting('KubernetesProfilesConfig', {
        type: 'path',
        description:
          'Limits and defaults of Kubernetes jobs for all, a group or a user. Only the default file may be missing.'
      })
    })
  ),
  'resource-config': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      default: '{config-dir}/launcher.kubernetes.resources.conf',
      mustExist: true,
      description: 'File with named resource profiles for jobs to choose from. Only the default file may be missing.',
      ...setting('KubernetesResourcesConfig', {
        type: 'path',
        description: 'Named resource profiles for Kubernetes jobs to choose from. Only the default file may be missing.'
      })
    })
  ),
  'cluster-definition': Type.Optional(
    Type.Array(Type.String({ ...ABSOLUTE_PATH, description: 'Path.' }), {
      description: 'YAML files that define the images and the versions in them, separated by commas.',
      ...setting('ClusterDefinition', {
        type: 'paths',
        spawned: '{ConfigDir}/runtime.yaml',
        ifExists: true,
        description: 'YAML file that defines the images and the versions in them. Can be set more than once.'
      })
    })
  ),
  'r-version-matching': Type.Enum([...STRATEGIES], {
    ...strategy,
    description:
      'Which versions of R are compatible with one that a job requests: exact (that one), major-minor (the ' +
      'same first two numbers) or nearest (any).',
    ...setting('RVersionMatching')
  }),
  'python-version-matching': Type.Enum([...STRATEGIES], {
    ...strategy,
    description:
      'Which versions of Python are compatible with one that a job requests: exact, major-minor or nearest, which is ' +
      'any version with the same first number.',
    ...setting('PythonVersionMatching')
  }),
  'quarto-version-matching': Type.Enum([...STRATEGIES], {
    ...strategy,
    description:
      'Which versions of Quarto are compatible with one that a job requests: exact, major-minor or nearest, which is ' +
      'any version.',
    ...setting('QuartoVersionMatching')
  }),
  'job-base': Type.Optional(
    Type.String({
      heading:
        "Manifests with what pods and Services have besides the launcher's own fields: for all jobs, and for jobs " +
        'with a tag.',
      ...ABSOLUTE_PATH,
      description: 'Manifest of a Job, YAML or JSON, on which the launcher builds all Jobs.',
      ...setting('JobBase', {
        type: 'path',
        description: "Base Job: a manifest with what the pods of all jobs have besides the launcher's own fields."
      })
    })
  ),
  'service-base': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      description: 'Manifest of a Service, on which the launcher builds the Services of jobs.',
      ...setting('ServiceBase', {
        type: 'path',
        description:
          "Base Service: a manifest with what the Services of jobs that expose ports have besides the launcher's own " +
          'fields.'
      })
    })
  ),
  'tag-job-base': Type.Optional(
    Type.Array(TaggedPath, {
      description:
        'Base Jobs of jobs with a tag: TAG=PATH, separated by commas. Each is merged over those before it.',
      ...setting('TagJobBase', {
        type: 'tagged paths',
        description:
          'Base Job of the jobs with a tag, merged over the others. Can be set more than once; the later one wins.'
      })
    })
  ),
  'tag-service-base': Type.Optional(
    Type.Array(TaggedPath, {
      description:
        'Base Services of jobs with a tag: TAG=PATH, separated by commas. Each is merged over those before it.',
      ...setting('TagServiceBase', {
        type: 'tagged paths',
        description:
          'Base Service of the jobs with a tag, merged over the others. Can be set more than once; the later one wins.'
      })
    })
  ),
  ...RUNTIME_KEYS.properties,
  'data-dir': Type.Optional(
    Type.String({
      heading: 'Data of the host whose folders jobs can mount, and how long their pods wait for files in it.',
      pattern: '^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:)?/(?!(.*/)?\\.\\.(/|$))\\P{Cc}*$',
      'x-expected': 'an absolute path, or HOST:/EXPORT of an NFS server, without ..',
      description:
        'Data of the host whose folders jobs can mount: a folder that every node has, or HOST:/EXPORT of an NFS ' +
        'server.',
      ...setting('DataDir')
    })
  ),
  'data-dir-pvc-name': Type.Optional(
    Type.String({
      ...dnsName,
      description:
        'Persistent volume claim with the data of the host, in the namespace of the jobs, instead of data-dir.',
      ...setting('DataDirPVCName', {
        description:
          'Persistent volume claim with the data of the host, in the namespace of the jobs, instead of DataDir.'
      })
    })
  ),
  'data-dir-pvc-sub-path': Type.Optional(
    Type.String({
      pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$))\\P{Cc}+$',
      'x-expected': 'a path inside a volume, without / at its start and without ..',
      description: 'Folder of the claim that is the data of the host. Defaults to the whole claim.',
      ...setting('DataDirPVCSubPath')
    })
  ),
  'data-deadline-seconds': Type.Integer({
    ...seconds,
    default: 300,
    description: 'How long the pod of a job waits for the files that its dataMounts name in waitForFiles.',
    ...setting('DataDeadline')
  }),
  'data-dir-path': Type.Optional(
    Type.String({
      ...ABSOLUTE_PATH,
      description:
        'Path at which the launcher itself sees the data of the host. Defaults to data-dir, if that is a folder of ' +
        'each node.',
      ...setting('DataDirPath', {
        type: 'path',
        description:
          'Path at which the launcher itself sees the data of the host. Defaults to DataDir, if that is a folder of ' +
          'each node.'
      })
    })
  ),
  output: Type.Enum([...OUTPUT_MODES], {
    ...{ type: 'string', default: 'auto' },
    description:
      'Where the output of jobs is kept: data (files in the data of the host), node (logs of the nodes) or auto, ' +
      'which is data if the launcher can write to its path of the data.',
    ...setting('KubernetesOutput')
  }),
  'log-dir': Type.String({
    pattern: '^(?!/)(?!(.*/)?\\.\\.?(/|$))([^/:\\u0000]+/)*[^/:\\u0000]+/?$',
    'x-expected': 'a relative path without :, and without . and .. as a part',
    default: 'process-logs',
    description: 'Folder of the process logs of jobs, inside the data of the host. No job can mount it.',
    ...setting('LogDir')
  })
})

export type KubernetesKeys = Static<typeof KubernetesKeys>
