// Generates docs/reference/kubeconfig.md from the table of fields.

import { KUBECONFIG_TYPES, type KubeconfigField } from './kubeconfig-fields.ts'
import { code, table } from './table.ts'

export function kubeconfigPage (): string {
  const all = KUBECONFIG_TYPES.flatMap(({ fields }) => fields)
  const count = (accepts: (field: KubeconfigField) => boolean): number => all.filter(accepts).length
  return `# Kubeconfig

<!-- Written by scripts/docs.ts from scripts/docs/kubeconfig-fields.ts. -->

The launcher reads a kubeconfig as kubectl 1.37.2 does. A test runs both against the same server, field by field.

Of the ${all.length} fields, ${count(({ use }) => use === 'used')} are used and ${count(({ use }) => use !== 'used')} \
are not applicable. Of those in use, ${count(({ refused }) => refused !== undefined)} have values that are refused.
The error \`ConfInvalid\` (\`FileNotReadable\` for a file that cannot be read) names file and entry and says what to do.
Clusters and users that the context does not name are not checked. Unknown fields, null and empty values count as not
set.

## Which file, context and namespace

1. \`Kubeconfig\` (\`kubeconfig\`), one file.
2. \`KubernetesApiUrl\` (\`api-url\`), without a kubeconfig.
3. The environment variable \`KUBECONFIG\`: one or several files with \`:\` between them. Missing files are skipped, but
   not all of them. Of entries with the same name, and of \`current-context\`, those of the first file are used.
4. In a pod, the pod's own service account.

\`~/.kube/config\` is read only if it is named. The context is \`KubeconfigContext\` (\`kubeconfig-context\`), or else
\`current-context\`. The namespace of the jobs is \`KubernetesNamespace\` (\`kubernetes-namespace\`), or else that of
the context, or else \`KubernetesDefaultNamespace\` (\`default-namespace\`).

All files are read again within a second of a change, also those that were missing. An access that cannot be used then
is logged, and the last one stays in use until the server rejects it. A new \`kubeconfig\`, context setting or
namespace takes effect after a restart.

## Proxies

Without \`proxy-url\`, the environment of the launcher decides, by the rules of kubectl: \`HTTPS_PROXY\` for a server
with \`https\`, \`HTTP_PROXY\` for one with \`http\`. \`NO_PROXY\` lists names, domains and addresses, with or without
a port, networks such as \`10.0.0.0/8\`, or \`*\`. The names in lower case count if those in upper case are not set.
\`localhost\` and loopback addresses are always reached directly. This applies to \`api-url\` and to the account of a
pod too. The launcher opens a tunnel (CONNECT) for every connection. A proxy with an \`https\` address must have a
certificate of the cluster's authority.

## Credential programs

A program runs at the start, and again when a file of the access changes, the server rejects the credentials, or
they expire: one minute before their end, or at half of their life if that is later. To renew credentials it runs at
most every 5 s, also if they have expired already or the last run failed.
${KUBECONFIG_TYPES.map(({ type, place, fields }) => `
## ${type}: ${place}

${table(['field', 'use', 'what the launcher does', 'what it refuses'], fields.map(field => [
  code(field.name), field.use, field.text, field.refused ?? '–'
]))}
`).join('')}
## What differs from kubectl

- Entries that the context does not name are not checked. kubectl refuses a value of a wrong type in any entry.
- A context, cluster or user that is missing is refused, and the error lists those that exist. kubectl then uses
  \`localhost:8080\`, or asks for a user name.
- Without credentials, requests are anonymous. kubectl asks for a user name.
- \`server\` needs its scheme. kubectl takes one without a scheme for \`http\`.
- \`socks5h\` is accepted for \`socks5\` in \`proxy-url\`.
- Requests to a server with \`http\` go through a tunnel of the proxy. kubectl sends them to the proxy itself.
- \`gcp\` and \`azure\` are accepted as \`auth-provider\`; a refreshed token is not written into the kubeconfig.
- \`token-file\` is accepted for \`tokenFile\`.
- A credential program gets no standard input, and what it writes to standard error is shown only if it fails.
- Credentials of a program are renewed before they expire. kubectl renews them afterwards.
- With a new client certificate, running watches and logs keep their connections until they end. kubectl cuts them.
- If the system has no certificate store, the list that Node contains is used. kubectl trusts no server then.
`
}
