// API paths of the objects that the plugin reads and writes.

export const namespacePath = (namespace: string): string => `/api/v1/namespaces/${namespace}`
export const jobsPath = (namespace: string): string => `/apis/batch/v1/namespaces/${namespace}/jobs`
export const podsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`
export const servicesPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/services`
export const secretsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`
export const serviceAccountPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`
export const claimPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`
export const storageClassPath = (name: string): string => `/apis/storage.k8s.io/v1/storageclasses/${name}`
export const quotasPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/resourcequotas`
export const NODES_PATH = '/api/v1/nodes'
export const eventsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/events`
export const allPodMetricsPath = (namespace: string): string =>
  `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`
export const podMetricsPath = (namespace: string, pod: string): string => `${allPodMetricsPath(namespace)}/${pod}`

/** A DNS label (RFC 1123), the form of the name of a namespace. */
export const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
