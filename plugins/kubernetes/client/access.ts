// Types: what a connection to an API server needs, and the sources it can come from.

/** Everything a connection needs. Holds secrets: never logged, never written. */
export interface Access {
  /** Address of the API server, without a slash at the end. */
  readonly server: string
  /** A header with several values is sent once for each. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly tls: Tls
  /** URL of the HTTP or SOCKS5 proxy in front of the API server. It may contain a user name and a password. */
  readonly proxy?: string
  /** Namespace of the kubeconfig's context. */
  readonly namespace?: string
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

/** Environment of the launcher: proxies, the system's certificates, and the environment of credential programs. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface KubeconfigSource {
  /** A file, or the files of `KUBECONFIG`: of these, missing ones are skipped, and the first has precedence. */
  readonly kubeconfig: string | readonly string[]
  /** Name of the context. Defaults to the current context of the kubeconfig. */
  readonly context?: string
}

export type CredentialSource =
  | KubeconfigSource
  /** The service account of the launcher's own pod. `folder` is where its files are mounted. */
  | { readonly host: string, readonly port: string, readonly folder: string }
  /** An address with a token file. `certificateAuthority` is PEM text in base64, or the path of a PEM file. */
  | {
    readonly apiUrl: string
    readonly tokenFile?: string
    readonly certificateAuthority?: string
    readonly verifyCertificates: boolean
  }
