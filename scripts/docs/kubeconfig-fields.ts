// Every field of a kubeconfig by the types of client-go, and what the launcher does with it.

export interface KubeconfigField {
  readonly name: string
  readonly use: 'used' | 'not applicable'
  /** What the launcher does with it, or why it does nothing. A sentence. */
  readonly text: string
  /** Values that the launcher refuses, with what to do instead. A sentence. */
  readonly refused?: string
}

export interface KubeconfigType {
  /** Name of the type in client-go. */
  readonly type: string
  /** Where it stands in the file. */
  readonly place: string
  readonly fields: readonly KubeconfigField[]
}

const used = (name: string, text: string, refused?: string): KubeconfigField => ({
  name, use: 'used', text, ...(refused !== undefined && { refused })
})
const unused = (name: string, text: string): KubeconfigField => ({ name, use: 'not applicable', text })
const extensions = unused('extensions', 'Data of other programs. Nothing reads it, in kubectl neither.')

export const KUBECONFIG_TYPES: readonly KubeconfigType[] = [
  {
    type: 'Config',
    place: 'the file',
    fields: [
      used('kind', 'May be missing.', 'Another value than `Config`: the file is not a kubeconfig.'),
      used('apiVersion', 'May be missing.', 'Another value than `v1`.'),
      unused('preferences', 'For the output of kubectl; deprecated, and unused there too.'),
      used(
        'clusters',
        'The first of a name has precedence among several files.',
        'Two entries of one name in one file: remove one. An entry without a name.'
      ),
      used('users', 'As `clusters`.', 'As `clusters`.'),
      used('contexts', 'As `clusters`.', 'As `clusters`.'),
      used(
        'current-context',
        'The context, unless `KubeconfigContext` (`kubeconfig-context`) selects another. The first has ' +
        'precedence among several files.',
        'None at all: the error lists the contexts to choose from. The name of a context that is missing.'
      ),
      extensions
    ]
  },
  {
    type: 'Preferences',
    place: '`preferences`',
    fields: [unused('colors', 'The launcher has no colored output.'), extensions]
  },
  {
    type: 'NamedContext',
    place: '`contexts[]`',
    fields: [used('name', 'What `current-context` and `KubeconfigContext` refer to.'), used('context', 'See below.')]
  },
  {
    type: 'Context',
    place: '`contexts[].context`',
    fields: [
      used(
        'cluster',
        'Name of the cluster.',
        'None, or one that the kubeconfig does not have: the error lists those it has.'
      ),
      used(
        'user',
        'Name of the user. Without it, requests are anonymous.',
        'One that the kubeconfig does not have: the error lists those it has.'
      ),
      used(
        'namespace',
        'Namespace of the jobs, unless `KubernetesNamespace` (`kubernetes-namespace`) is set. Read at the start' +
        ' of the launcher.',
        'A text that is no name of a namespace.'
      ),
      extensions
    ]
  },
  {
    type: 'NamedCluster',
    place: '`clusters[]`',
    fields: [used('name', 'What contexts refer to.'), used('cluster', 'See below.')]
  },
  {
    type: 'Cluster',
    place: '`clusters[].cluster`',
    fields: [
      used(
        'server',
        'Address of the API server; a path is kept. One with `http` gets no credentials.',
        'None, or one without `https://` or `http://`: write the scheme. One with a user name: move it to the user.'
      ),
      used('tls-server-name', "The name that the server's certificate must have, and that is sent to the server."),
      used(
        'insecure-skip-tls-verify',
        '`true` turns the verification of the certificate off; `doctor` warns.',
        '`true` beside a certificate authority: remove it.'
      ),
      used(
        'certificate-authority',
        "PEM file, relative to the kubeconfig. Without it and the data, the system's store is used: " +
        '`SSL_CERT_FILE` and `SSL_CERT_DIR`, or where the system keeps it.',
        'A file that cannot be read or has no certificate. Together with the data: remove one.'
      ),
      used('certificate-authority-data', 'The same, in base64.', 'Text that is not base64 or no certificate.'),
      used(
        'proxy-url',
        'HTTP or SOCKS5 proxy for every connection to the API server, with `http`, `https` or `socks5`; it may ' +
        'contain a user name and a password. A SOCKS5 proxy resolves the name of the server. Without it, ' +
        '`HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the launcher decide.',
        'A URL with another scheme. Text that is no URL.'
      ),
      unused(
        'disable-compression',
        'The launcher never asks for compressed replies. Credential programs get the value.'
      ),
      used(
        'extensions',
        'The one named `client.authentication.k8s.io/exec` is for the credential program, with ' +
        '`provideClusterInfo`. Others are ignored, as by kubectl.'
      )
    ]
  },
  {
    type: 'NamedAuthInfo',
    place: '`users[]`',
    fields: [used('name', 'What contexts refer to.'), used('user', 'See below.')]
  },
  {
    type: 'AuthInfo',
    place: '`users[].user`',
    fields: [
      used(
        'client-certificate',
        'PEM file, relative to the kubeconfig. It is read again when it changes: calls and new watches and logs' +
        ' use the new one within a second.',
        'A file that cannot be read, that has no key, or that does not fit its key; during a rotation the old ' +
        'pair stays in use meanwhile. Together with the data: remove one.'
      ),
      used('client-certificate-data', 'The same, in base64.', 'Text that is not base64 or no certificate.'),
      used('client-key', 'PEM file of the key. Ignored without a certificate.', 'Together with the data: remove one.'),
      used('client-key-data', 'The same, in base64.', 'Text that is not base64 or no key.'),
      used('token', 'Bearer token.', 'One with a line break. Together with `username` or `password`: remove one.'),
      used(
        'tokenFile',
        'File of the token, relative to the kubeconfig, read again when it changes. It has precedence over ' +
        '`token`, which is used if the file cannot be read. `token-file` is accepted too.',
        'Without `token`: a file that cannot be read or is empty.'
      ),
      used('as', 'User to act as.', 'A name with a line break.'),
      used('as-uid', 'Uid to act as.', 'Without `as`: set it.'),
      used('as-groups', 'Groups to act as.', 'Without `as`: set it.'),
      used('as-user-extra', 'Extra values to act with.', 'Without `as`: set it.'),
      used(
        'username',
        'Sent with `password`. API servers accept this only behind a proxy that does.',
        'Together with a token: remove one.'
      ),
      used('password', 'See `username`. Ignored without it.', 'Together with a token: remove one.'),
      used(
        'auth-provider',
        'The identity provider returns the token. kubectl supports only `oidc`.',
        'Another provider than `oidc`, `gcp` or `azure`: use `exec`. Together with `exec`: remove one.'
      ),
      used(
        'exec',
        'The program returns the credentials. It does not run if the entry has a token, a user name or a client' +
        ' certificate.',
        'Together with `auth-provider`: remove one.'
      ),
      extensions
    ]
  },
  {
    type: 'AuthProviderConfig',
    place: '`users[].user.auth-provider`',
    fields: [
      used('name', 'Name of the provider.', 'See `auth-provider`.'),
      used(
        'config',
        "The provider's own. The launcher does not write a refreshed token into the file, as kubectl does."
      )
    ]
  },
  {
    type: 'ExecConfig',
    place: '`users[].user.exec`',
    fields: [
      used(
        'command',
        'With a slash, a path relative to the kubeconfig; otherwise a name that the `PATH` of the launcher is ' +
        'searched for. It may take 30 s.',
        'None.'
      ),
      used('args', 'Arguments.'),
      used('env', "Variables, added to the launcher's environment.", 'One without a name.'),
      used(
        'apiVersion',
        'Form of the output.',
        'Another than `client.authentication.k8s.io/v1` and `v1beta1`: set the one that the program returns.'
      ),
      used('installHint', 'Part of the error if the program is missing.'),
      used('provideClusterInfo', '`true`: `KUBERNETES_EXEC_INFO` contains the cluster.'),
      used(
        'interactiveMode',
        '`Never` and `IfAvailable`: the program gets no standard input. `v1beta1` has a default.',
        '`Always`, because the launcher has no terminal: use a program that needs none. None with `v1`, and ' +
        'other values: set `Never`.'
      )
    ]
  },
  {
    type: 'ExecEnvVar',
    place: '`users[].user.exec.env[]`',
    fields: [used('name', 'Name of the variable.', 'None.'), used('value', 'Value of the variable.')]
  },
  {
    type: 'NamedExtension',
    place: '`extensions[]`',
    fields: [
      used('name', 'See `extensions` of a cluster.'),
      used('extension', 'See `extensions` of a cluster.')
    ]
  }
]
