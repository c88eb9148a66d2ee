// The URL of an API server, from the key api-url or from the environment of a pod.

import { LauncherError } from '../../../launcher/errors.ts'
import { withoutTrailingSlashes } from '../../../launcher/lib/trailing-slashes.ts'

/** Returns the URL without a slash at the end. Throws ConfInvalid if it is not valid. */
export function checkedApiUrl (apiUrl: string): string {
  const url = URL.parse(apiUrl)
  if (url === null || !['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.search !== '') {
    throw new LauncherError(
      'ConfInvalid',
      'api-url is not an address such as https://10.0.0.1:6443: ' +
      `${url?.username ? '(it contains a user name)' : apiUrl}`,
      { key: 'api-url' }
    )
  }
  return withoutTrailingSlashes(`${url.origin}${url.pathname}`)
}

/** The URL that Kubernetes names in the environment of a pod. */
export function podApiUrl ({ host, port }: { readonly host: string, readonly port: string }): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`
}
