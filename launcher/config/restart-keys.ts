// Lists the changes of launcher.conf that a reload cannot bring into force. Pure.

import type { LauncherConfig } from './launcher-config.ts'

/** Returns the changed keys of launcher.conf that take effect only after a restart. */
export function restartKeys (before: LauncherConfig, after: LauncherConfig): string[] {
  const [from, to] = [before.server, after.server]
  const changed: Readonly<Record<string, boolean>> = {
    address: differ(from.address, to.address),
    'scratch-path': from.scratchPath !== to.scratchPath,
    'server-user': from.serverUser !== to.serverUser,
    'certificate-file': differ(from.tls, to.tls),
    'secure-cookie-key-file': from.keyFile !== to.keyFile,
    'monitoring-key-file': from.monitoringKeyFile !== to.monitoringKeyFile,
    'max-message-size': from.maxMessageBytes !== to.maxMessageBytes,
    '[cluster]': differ(identitiesOf(before.clusters), identitiesOf(after.clusters))
  }
  return Object.keys(changed).filter(key => changed[key])
}

function identitiesOf (clusters: LauncherConfig['clusters']): string[][] {
  return clusters.map(({ name, type, scratchPath }) => [name, type, scratchPath])
}

function differ (a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b)
}
