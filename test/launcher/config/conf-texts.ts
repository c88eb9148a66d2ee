// Loads conf files for tests, and checks how they are refused.

import type { Test } from 'tap'
import { isLauncherError } from '../../../launcher/errors.ts'
import type { LauncherConfig } from '../../../launcher/config/launcher-config.ts'
import { loadConfig } from '../../../launcher/config/load.ts'
import { samplePlugins } from './sample-plugin.ts'

/** A [cluster] section of the type Local. */
export const CLUSTER = '[cluster]\ntype=Local\n'

/** Returns a launcher.conf with these lines in its section [server], which begins in line 1. */
export const server = (lines: string): string => `[server]\n${lines}\n${CLUSTER}`

/** Loads the files, which are named by their path in /c. */
export function load (files: Record<string, string>): Promise<LauncherConfig> {
  return loadConfig('/c', samplePlugins, async path => files[path.replace('/c/', '')])
}

/** Each row is the text of launcher.conf and the message that it is refused with. */
export async function refused (t: Test, rows: ReadonlyArray<readonly [text: string, message: string]>): Promise<void> {
  for (const [text, message] of rows) {
    try {
      await load({ 'launcher.conf': text })
      t.fail(`accepted: ${text}`)
    } catch (error) {
      t.ok(isLauncherError(error, 'ConfInvalid'), text)
      t.equal((error as Error).message, message)
    }
  }
}
