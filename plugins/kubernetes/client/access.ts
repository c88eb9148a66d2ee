// Types: what a connection to an API server needs, and the sources it can come from.

/** Everything a connection needs. Holds secrets: never logged, never written. */
export interface Access {
  /** Address of the API server, without a slash at the end. */
  readonly server: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: Tls
}

export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

/** One read of a source: the access, the files it depends on, and when it expires (milliseconds since 1970). */
export interface Reading {
  readonly access: Access
  readonly files: readonly string[]
  readonly expiresAt?: number
}

export type CredentialSource =
  /** A kubeconfig file; its current context is used. */
  | { readonly kubeconfig: string }
  /** The service account of the launcher's own pod. `folder` is where its files are mounted. */
  | { readonly host: string, readonly port: string, readonly folder: string }
  /** An address with a token file. `certificateAuthority` is PEM text in base64, or the path of a PEM file. */
  | {
    readonly apiUrl: string
    readonly tokenFile?: string
    readonly certificateAuthority?: string
    readonly verifyCertificates: boolean
  }
