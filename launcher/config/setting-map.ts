// Which key of which conf file each setting becomes, and what the launcher itself writes into the others.

import { join } from 'node:path'
import { LAUNCHER_CONF } from './load.ts'
import { runtimeImage } from '../lib/runtime-image.ts'
import { settingName, type SettingKey, type SettingValues } from './settings.ts'

export interface RenderedKey {
  /** The setting that the value comes from; without one nobody can set it. */
  readonly setting?: SettingKey
  /** Text of the value; undefined when there is none. */
  readonly text: (values: SettingValues) => string | undefined
}

export type RenderedKeys = Readonly<Record<string, RenderedKey>>

/** A cluster that settings can switch on. */
export interface RenderedCluster {
  readonly type: string
  /** The setting that switches it on. */
  readonly setting: 'Local' | 'Kubernetes'
  /** Name of its conf file. */
  readonly file: string
  readonly keys: RenderedKeys
}

const MS_PER_HOUR = 3_600_000

/** Section [server] of launcher.conf. */
export const RENDERED_SERVER: RenderedKeys = {
  address: { setting: 'Address', text: ({ Address: address }) => 'socket' in address ? address.socket : address.host },
  port: { setting: 'Address', text: ({ Address: address }) => 'socket' in address ? undefined : String(address.port) },
  'server-user': { setting: 'ServerUser', text: values => values.ServerUser },
  'admin-group': { setting: 'AdminGroup', text: values => values.AdminGroup },
  'authorization-enabled': { setting: 'AuthorizationEnabled', text: values => String(values.AuthorizationEnabled) },
  'scratch-path': { setting: 'ScratchPath', text: values => values.ScratchPath },
  'job-expiry-hours': { setting: 'JobExpiry', text: values => String(values.JobExpiry / MS_PER_HOUR) },
  'request-timeout-seconds': { setting: 'RequestTimeout', text: values => String(values.RequestTimeout / 1000) },
  'enable-ssl': { text: values => String('host' in values.Address && values.CertificateFile !== undefined) },
  'certificate-file': { setting: 'CertificateFile', text: values => values.CertificateFile },
  'certificate-key-file': { setting: 'CertificateKeyFile', text: values => values.CertificateKeyFile },
  'secure-cookie-key-file': { text: values => join(values.ScratchPath, 'launcher.key') },
  'max-message-size': { setting: 'MaxMessageSize', text: values => String(values.MaxMessageSize) },
  'log-level': { setting: 'LogLevel', text: values => values.LogLevel },
  'instance-name': { setting: 'InstanceName', text: values => values.InstanceName },
  'max-metadata-size': { setting: 'MaxMetadataSize', text: values => String(values.MaxMetadataSize) },
  'groups-from-request': { setting: 'GroupsFromRequest', text: values => String(values.GroupsFromRequest) }
}

const inScratchPath = (type: string): RenderedKey => ({ text: values => join(values.ScratchPath, type) })
const fixed = (text?: string): RenderedKey => ({ text: () => text })

export const RENDERED_CLUSTERS: readonly RenderedCluster[] = [
  {
    type: 'Local',
    setting: 'Local',
    file: 'launcher.local.conf',
    keys: {
      'scratch-path': inScratchPath('Local'),
      concurrency: fixed('16'),
      'max-waiting-jobs': fixed('10000'),
      'server-user': fixed(),
      'profile-config': { setting: 'LocalProfilesConfig', text: values => values.LocalProfilesConfig },
      'allow-unenforced-limits': fixed('false')
    }
  },
  {
    type: 'Kubernetes',
    setting: 'Kubernetes',
    file: 'launcher.kubernetes.conf',
    keys: {
      'scratch-path': inScratchPath('Kubernetes'),
      concurrency: fixed('16'),
      'max-waiting-jobs': fixed('10000'),
      required: { setting: 'KubernetesRequired', text: values => String(values.KubernetesRequired) },
      kubeconfig: { setting: 'Kubeconfig', text: values => values.Kubeconfig },
      'api-url': { setting: 'KubernetesApiUrl', text: values => values.KubernetesApiUrl },
      'auth-token-path': { setting: 'KubernetesAuthTokenPath', text: values => values.KubernetesAuthTokenPath },
      'certificate-authority': {
        setting: 'KubernetesCACertificateData',
        text: values => values.KubernetesCACertificateData
      },
      'verify-ssl-certs': fixed('true'),
      'watch-timeout-seconds': fixed('590'),
      'fetch-limit': fixed('250'),
      'writes-per-second': fixed(),
      'job-expiry-hours': { setting: 'JobExpiry', text: values => String(values.JobExpiry / MS_PER_HOUR) },
      'server-user': fixed(),
      'default-service-account': {
        setting: 'KubernetesDefaultServiceAccount',
        text: values => values.KubernetesDefaultServiceAccount
      },
      installation: { setting: 'Installation', text: values => values.Installation },
      'image-pull-deadline-seconds': fixed('900'),
      'interactive-image-pull-deadline-seconds': fixed('300'),
      'start-deadline-seconds': fixed('86400'),
      'interactive-start-deadline-seconds': fixed('600'),
      'kubernetes-namespace': { setting: 'KubernetesNamespace', text: values => values.KubernetesNamespace },
      'profile-config': { setting: 'KubernetesProfilesConfig', text: values => values.KubernetesProfilesConfig },
      'resource-config': { setting: 'KubernetesResourcesConfig', text: values => values.KubernetesResourcesConfig },
      'r-version-matching': { setting: 'RVersionMatching', text: values => values.RVersionMatching },
      'python-version-matching': { setting: 'PythonVersionMatching', text: values => values.PythonVersionMatching },
      'quarto-version-matching': { setting: 'QuartoVersionMatching', text: values => values.QuartoVersionMatching },
      'cluster-definition': { setting: 'ClusterDefinition', text: values => values.ClusterDefinition?.join(',') },
      'job-base': { setting: 'JobBase', text: values => values.JobBase },
      'service-base': { setting: 'ServiceBase', text: values => values.ServiceBase },
      'tag-job-base': { setting: 'TagJobBase', text: values => values.TagJobBase?.join(',') },
      'tag-service-base': { setting: 'TagServiceBase', text: values => values.TagServiceBase?.join(',') },
      'host-version': { setting: 'HostVersion', text: values => values.HostVersion },
      'runtime-init-image': { setting: 'RuntimeInitImage', text: runtimeImageText },
      'runtime-mount-path': { setting: 'RuntimeMountPath', text: values => values.RuntimeMountPath },
      'data-dir': { setting: 'DataDir', text: values => values.DataDir },
      'data-dir-pvc-name': { setting: 'DataDirPVCName', text: values => values.DataDirPVCName },
      'data-dir-pvc-sub-path': { setting: 'DataDirPVCSubPath', text: values => values.DataDirPVCSubPath },
      'data-deadline-seconds': fixed('300')
    }
  }
]

function runtimeImageText ({ RuntimeInitImage: image, HostVersion: version }: SettingValues): string | undefined {
  if (image === undefined) return undefined
  const decided = runtimeImage(image, version, settingName('HostVersion'))
  return 'image' in decided ? decided.image : image
}

/** Section [cluster] of launcher.conf for one cluster. */
export function renderedClusterSection ({ type, file }: RenderedCluster): RenderedKeys {
  return {
    name: fixed(type),
    type: fixed(type),
    'config-file': { setting: 'ConfigDir', text: values => join(values.ConfigDir, file) },
    'allowed-groups': fixed()
  }
}

export const RENDERED_FILES: readonly string[] = [LAUNCHER_CONF, ...RENDERED_CLUSTERS.map(cluster => cluster.file)]
