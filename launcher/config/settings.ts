// Every setting that a host may give: its type, its defaults and what it is for.

import type { Address } from './address.ts'
/** How the text of a setting is read: launcher/config/setting-value.ts. */
export type SettingType =
  | 'boolean'
  | 'duration'
  | 'size'
  | 'address'
  | 'path'
  | 'paths'
  | 'tagged paths'
  | 'user'
  | 'text'
  | 'namespace'
  | 'name'
  | 'label'
  | 'url'
  | 'base64'
  | 'log level'
  | 'matching'
  | 'image'
  | 'version'
  | 'data folder'
  | 'sub-path'

export interface Setting {
  readonly key: string
  readonly type: SettingType
  /** Default when a host spawns the launcher; {Key} stands for another setting. Without it the setting has no value. */
  readonly spawned?: string
  /** What a launcher that runs from files written by hand has instead, where that differs. */
  readonly standAlone?: string
  /** The default is a file that is taken only if it exists. */
  readonly ifExists?: true
  /** Smallest and largest value that is accepted, written as the setting is. */
  readonly least?: string
  readonly most?: string
  readonly description: string
}

/** Name of the section in the host's settings file. */
export const SETTINGS_SECTION = 'Launcher'

/** A key is only ever added at the end of its group: the rendered files and the reference page follow this order. */
export const SETTINGS = [
  {
    key: 'Enabled',
    type: 'boolean',
    spawned: 'true',
    description:
      'Whether the host uses the launcher at all. The host reads it; a launcher that is spawned all the same ' +
      'refuses to start.'
  },
  {
    key: 'ConfigDir',
    type: 'path',
    spawned: '/etc/rstudio-connect/launcher',
    standAlone: '/etc/rstudio',
    description: 'Folder that the conf files are rendered into. One launcher only.'
  },
  {
    key: 'ScratchPath',
    type: 'path',
    spawned: '/var/lib/rstudio-connect-launcher',
    standAlone: '/var/lib/rstudio-launcher',
    description:
      'Folder for the database, the key, the socket and the output of jobs. One launcher only, outside the ConfigDir.'
  },
  { key: 'InstanceName', type: 'text', description: 'Name for people, shown beside the id of this launcher instance.' },
  {
    key: 'Address',
    type: 'address',
    spawned: '{ScratchPath}/launcher.sock',
    description:
      'Where the API is served: the path of a Unix socket, or HOST:PORT such as 127.0.0.1:5559 or [::1]:5559; port ' +
      '0 takes any free one.'
  },
  {
    key: 'CertificateFile',
    type: 'path',
    description: 'TLS certificate (PEM). Needed for an address off this machine.'
  },
  { key: 'CertificateKeyFile', type: 'path', description: 'Private key (PEM) of the certificate.' },
  {
    key: 'ServerUser',
    type: 'user',
    description: "User of the host server. Jobs that name no user run as this one; without it, as the launcher's own."
  },
  { key: 'AdminGroup', type: 'text', description: 'Group whose members see and control the jobs of all users.' },
  {
    key: 'AuthorizationEnabled',
    type: 'boolean',
    spawned: 'true',
    description: 'Whether users see and control only their own jobs.'
  },
  {
    key: 'JobExpiry',
    type: 'duration',
    spawned: '24h',
    least: '1s',
    most: '3650d',
    description: 'How long an ended job and its output are kept.'
  },
  {
    key: 'RequestTimeout',
    type: 'duration',
    spawned: '120s',
    least: '1s',
    most: '1d',
    description: 'How long a request may wait for a cluster.'
  },
  {
    key: 'MaxMessageSize',
    type: 'size',
    spawned: '5 MiB',
    least: '1KiB',
    most: '1GiB',
    description: 'Largest body of a request.'
  },
  {
    key: 'LogLevel',
    type: 'log level',
    spawned: 'info',
    description: 'Least severe log lines that are written: fatal, error, warn, info, debug, trace or silent.'
  },
  { key: 'Local', type: 'boolean', spawned: 'true', description: 'Whether jobs can run as processes on this machine.' },
  {
    key: 'LocalProfilesConfig',
    type: 'path',
    spawned: '{ConfigDir}/launcher.local.profiles.conf',
    description: 'Limits and defaults of local jobs for all, a group or a user.'
  },
  {
    key: 'Kubernetes',
    type: 'boolean',
    spawned: 'false',
    description: 'Whether jobs can run in a Kubernetes cluster.'
  },
  {
    key: 'KubernetesNamespace',
    type: 'namespace',
    spawned: 'rstudio-connect',
    standAlone: 'rstudio',
    description: 'Namespace that jobs run in.'
  },
  {
    key: 'KubernetesProfilesConfig',
    type: 'path',
    spawned: '{ConfigDir}/launcher.kubernetes.profiles.conf',
    description: 'Limits and defaults of Kubernetes jobs for all, a group or a user.'
  },
  {
    key: 'ClusterDefinition',
    type: 'paths',
    spawned: '{ConfigDir}/runtime.yaml',
    ifExists: true,
    description: 'YAML file of the images and the versions in them. May be given more than once.'
  },
  {
    key: 'KubernetesRequired',
    type: 'boolean',
    spawned: 'false',
    description:
      'Whether the launcher ends with exit code 69 when it cannot reach the API server at the start, instead of ' +
      'waiting for it.'
  },
  {
    key: 'Kubeconfig',
    type: 'path',
    description:
      "Kubeconfig file; its current context is used. Without it the KubernetesApiUrl, or, in a pod, the pod's own " +
      'service account.'
  },
  { key: 'KubernetesApiUrl', type: 'url', description: 'URL of the API server, up to and without /api.' },
  {
    key: 'KubernetesAuthTokenPath',
    type: 'path',
    description: 'File with the token for KubernetesApiUrl. It is read again when it changes, and never copied.'
  },
  {
    key: 'KubernetesCACertificateData',
    type: 'base64',
    description: "Certificate (PEM) of the authority that signed the API server's, in base64 as in a kubeconfig."
  },
  {
    key: 'KubernetesDefaultServiceAccount',
    type: 'name',
    description: "Service account of the pods. Without it they have the namespace's default and no token."
  },
  {
    key: 'Installation',
    type: 'label',
    description:
      'Name of the installation, a label of everything that is made in the cluster; the same for all hosts that ' +
      'share one.'
  },
  {
    key: 'JobBase',
    type: 'path',
    description: 'Base Job: a manifest of what the pods of all jobs have beside what the launcher sets.'
  },
  {
    key: 'ServiceBase',
    type: 'path',
    description: 'Base Service: the same for the Services of jobs that expose ports.'
  },
  {
    key: 'TagJobBase',
    type: 'tagged paths',
    description:
      'Base Job of the jobs that have a tag, merged over the others. May be given more than once; the later wins.'
  },
  {
    key: 'TagServiceBase',
    type: 'tagged paths',
    description:
      'Base Service of the jobs that have a tag, merged over the others. May be given more than once; the later wins.'
  },
  {
    key: 'KubernetesResourcesConfig',
    type: 'path',
    spawned: '{ConfigDir}/launcher.kubernetes.resources.conf',
    description: 'Named resource profiles that Kubernetes jobs can choose from.'
  },
  {
    key: 'RVersionMatching',
    type: 'matching',
    spawned: 'nearest',
    description: 'Which versions of R an image may have for a job that asks for one: exact, major-minor or nearest.'
  },
  {
    key: 'PythonVersionMatching',
    type: 'matching',
    spawned: 'nearest',
    description: 'The same for Python, where nearest keeps the first number.'
  },
  { key: 'QuartoVersionMatching', type: 'matching', spawned: 'nearest', description: 'The same for Quarto.' },
  {
    key: 'GroupsFromRequest',
    type: 'boolean',
    spawned: 'false',
    description:
      "Whether the host names a user's groups with each request, in X-Launcher-Groups; without it this machine is " +
      'asked for them, and a request that names any is refused.'
  },
  {
    key: 'HostVersion',
    type: 'version',
    description: 'Version of the host, which the image of its runtime components must have as its tag.'
  },
  {
    key: 'RuntimeInitImage',
    type: 'image',
    description:
      "Image whose program copies the host's runtime components into /mnt/rstudio-connect-runtime; its tag is the " +
      'HostVersion where it has none. Without it jobs get no runtime components.'
  },
  {
    key: 'RuntimeMountPath',
    type: 'path',
    spawned: '/opt/rstudio-connect-runtime',
    description: 'Where the containers of jobs find the runtime components, for reading only.'
  },
  {
    key: 'DataDir',
    type: 'data folder',
    description:
      'Data of the host, of which Kubernetes jobs can mount folders: a folder that every node has, or HOST:/EXPORT ' +
      'of an NFS server.'
  },
  {
    key: 'DataDirPVCName',
    type: 'name',
    description: 'The same as a persistent volume claim in the namespace of the jobs; instead of DataDir.'
  },
  {
    key: 'DataDirPVCSubPath',
    type: 'sub-path',
    description: 'Folder of the claim that is the data of the host; the whole of it when it is left out.'
  },
  {
    key: 'MaxMetadataSize',
    type: 'size',
    spawned: '64 KiB',
    least: '0',
    most: '1MiB',
    description: 'Largest metadata of a job, as JSON.'
  }
] as const satisfies readonly Setting[]

type Known = typeof SETTINGS[number]
export type SettingKey = Known['key']

type ListType = 'paths' | 'tagged paths'

type Read<T extends SettingType> =
  T extends 'boolean' ? boolean :
    T extends 'duration' | 'size' ? number :
      T extends 'address' ? Address :
        T extends ListType ? readonly string[] : string

/** The settings in force. Durations are milliseconds, sizes bytes. */
export type SettingValues = {
  readonly [S in Known as S['key']]: S extends { spawned: string; ifExists?: never }
    ? Read<S['type']>
    : Read<S['type']> | undefined
}

export const SETTING_KEYS: readonly SettingKey[] = SETTINGS.map(setting => setting.key)

/** Settings that may be given more than once. */
export function mayRepeat (key: string): boolean {
  return SETTINGS.some(setting => setting.key === key && isListType(setting.type))
}

/** Whether the value is a list, with an item for each time that the setting is given. */
export function isListType (type: SettingType): type is ListType {
  return type === 'paths' || type === 'tagged paths'
}

/** A key as messages name it. */
export function settingName (key: string): string {
  return `${SETTINGS_SECTION}.${key}`
}

export interface Settings {
  readonly values: SettingValues
  /** Where each value was given; empty for a default. */
  readonly sources: Readonly<Record<SettingKey, readonly Given[]>>
}

/** The text that was given for a setting, and where. */
export interface Given {
  readonly text: string
  /** The settings file, or `--set`. */
  readonly file: string
  readonly line?: number
}
