// Keys of launcher.kubernetes.conf that are the Kubernetes plugin's own.

import { Type, type Static } from 'typebox'
import { STRATEGIES, type Strategies } from '../images/match-strategy.ts'
import { LABEL_VALUE } from '../metadata/labels.ts'

const AbsolutePath = (description: string) =>
  Type.String({ pattern: '^/[^\\u0000]*$', expected: 'an absolute path', description })
const TaggedPath = Type.String({
  pattern: '^[^,]+=/[^\\u0000]*$',
  expected: 'a tag, = and an absolute path',
  description: 'Tag and path.'
})
const DnsName = (description: string) =>
  Type.String({
    maxLength: 253,
    pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$',
    expected: 'a name of lower-case letters, digits, - and .',
    description
  })
const Matching = (language: string, nearest: string) =>
  Type.Enum([...STRATEGIES], {
    type: 'string',
    default: 'nearest',
    description: `Which versions of ${language} are compatible with one that a job asks for: exact (that one), ` +
      `major-minor (the same first two numbers) or nearest (${nearest}).`
  })
const Seconds = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 31_536_000, default: value, description })

export const KubernetesConfig = Type.Object(
  {
    'kubernetes-namespace': Type.String({
      pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
      expected: 'a name of at most 63 lower-case letters, digits and inner -',
      default: 'rstudio',
      description: 'Namespace that jobs run in. The launcher does not make it.'
    }),
    required: Type.Boolean({
      default: false,
      description:
        'Do not start (exit code 69) when the API server cannot be reached at the start; otherwise the launcher ' +
        'waits for it.'
    }),
    kubeconfig: Type.Optional(
      AbsolutePath(
        "Kubeconfig file; its current context is used. Without it, api-url or, in a pod, the pod's own service account."
      )
    ),
    'api-url': Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
        expected: 'a URL such as https://kubernetes.example:6443',
        description: 'URL of the API server, up to and without /api.'
      })
    ),
    'auth-token-path': Type.Optional(
      AbsolutePath('File with the token for api-url. It is read again when it changes.')
    ),
    'certificate-authority': Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9+/]+=*$',
        expected: 'a certificate (PEM) in base64',
        description:
          "Certificate (PEM) of the authority that signed the API server's, in base64 as in a kubeconfig; the " +
          "system's authorities when it is left out."
      })
    ),
    'verify-ssl-certs': Type.Boolean({
      default: true,
      description: "Whether the API server's certificate is checked. Leave it on."
    }),
    'watch-timeout-seconds': Type.Integer({
      minimum: 30,
      maximum: 3600,
      default: 590,
      description: 'Longest life of one watch; each lives between half of it and all of it.'
    }),
    'fetch-limit': Type.Integer({
      minimum: 10,
      maximum: 10_000,
      default: 250,
      description: 'How many objects a page of a list has.'
    }),
    'writes-per-second': Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Most writes to the API server in a second; without it only concurrency and the server bound them.'
      })
    ),
    'job-expiry-hours': Type.Number({
      exclusiveMinimum: 0,
      maximum: 87_600,
      default: 24,
      description: 'How long an ended job is kept. An hour later Kubernetes removes what is left of it by itself.'
    }),
    'server-user': Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'User whose name the labels of jobs show which name nobody; server-user of launcher.conf when it is left out.'
      })
    ),
    'default-service-account': Type.Optional(
      DnsName("Service account of the pods. Without it they have the namespace's default and no token.")
    ),
    installation: Type.Optional(
      Type.String({
        pattern: LABEL_VALUE.source,
        expected: 'at most 63 letters, digits, . _ and -, with a letter or digit at both ends',
        description:
          'Name of the installation, a label of everything that is made; the same for all hosts that share one.'
      })
    ),
    'image-pull-deadline-seconds': Seconds(
      900,
      'A job fails with ImagePullBackOff when its image still cannot be pulled this long after it got a node.'
    ),
    'interactive-image-pull-deadline-seconds': Seconds(300, 'The same for jobs that expose ports.'),
    'start-deadline-seconds': Seconds(
      86_400,
      'A job fails with StartTimeout when it is not running this long after the cluster took it.'
    ),
    'interactive-start-deadline-seconds': Seconds(600, 'The same for jobs that expose ports.'),
    'profile-config': Type.Optional(
      Type.String({
        ...AbsolutePath('File with limits and defaults for all, a group or a user. It need not exist.'),
        default: '{config-dir}/launcher.kubernetes.profiles.conf'
      })
    ),
    'resource-config': Type.Optional(
      Type.String({
        ...AbsolutePath('File with named resource profiles that a job can choose from. It need not exist.'),
        default: '{config-dir}/launcher.kubernetes.resources.conf'
      })
    ),
    'r-version-matching': Matching('R', 'any'),
    'python-version-matching': Matching('Python', 'any with the same first number'),
    'quarto-version-matching': Matching('Quarto', 'any'),
    'cluster-definition': Type.Optional(
      Type.Array(AbsolutePath('Path.'), {
        description: 'YAML files of the images and the versions in them, with commas between them.'
      })
    ),
    'job-base': Type.Optional(AbsolutePath('Manifest of a Job, YAML or JSON, that the launcher builds all Jobs on.')),
    'service-base': Type.Optional(
      AbsolutePath('Manifest of a Service that the launcher builds the Services of jobs on.')
    ),
    'tag-job-base': Type.Optional(
      Type.Array(TaggedPath, {
        description:
          'Base Jobs of jobs that have a tag, TAG=PATH with commas between them. Each is merged over those before it.'
      })
    ),
    'tag-service-base': Type.Optional(
      Type.Array(TaggedPath, { description: 'Base Services of jobs that have a tag, in the same form.' })
    ),
    'host-version': Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
        expected: 'a version as the tag of an image is written',
        description: 'Version of the host, which the image of its runtime components must have as its tag.'
      })
    ),
    'runtime-init-image': Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Image whose program copies the runtime components of the host into /mnt/rstudio-connect-runtime; ' +
          'host-version is its tag where it has none. Without it jobs get no runtime components.'
      })
    ),
    'data-dir': Type.Optional(
      Type.String({
        pattern: '^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:)?/(?!(.*/)?\\.\\.(/|$))[^\\u0000]*$',
        expected: 'an absolute path, or HOST:/EXPORT of an NFS server, without ..',
        description:
          'Data of the host, of which jobs can mount folders: a folder that every node has, or HOST:/EXPORT of an ' +
          'NFS server.'
      })
    ),
    'data-dir-pvc-name': Type.Optional(
      DnsName('The same as a persistent volume claim in the namespace of the jobs; instead of data-dir.')
    ),
    'data-dir-pvc-sub-path': Type.Optional(
      Type.String({
        pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000]+$',
        expected: 'a path inside the volume, without / at its start and without ..',
        description: 'Folder of the claim that is the data of the host; the whole of it when it is left out.'
      })
    ),
    'data-deadline-seconds': Seconds(
      300,
      'How long the pod of a job waits for the files that its dataMounts name in waitForFiles.'
    ),
    'runtime-mount-path': Type.String({
      pattern: '^(/[^/:\\u0000]+)+$',
      expected: 'an absolute path without : and without / at its end',
      default: '/opt/rstudio-connect-runtime',
      description: 'Where the containers of jobs find the runtime components, for reading only.'
    })
  },
  { additionalProperties: false, title: 'KubernetesConfig' }
)

export type KubernetesConfig = Static<typeof KubernetesConfig>

/** How versions that jobs ask for are matched with those of images. */
export function strategiesOf (config: KubernetesConfig): Strategies {
  return {
    r: config['r-version-matching'],
    python: config['python-version-matching'],
    quarto: config['quarto-version-matching']
  }
}
