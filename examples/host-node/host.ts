// The host's part that has to do with the launcher: its settings, the launcher as its managed child, and a client.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
// A host that has installed the package imports these two from 'job-launcher/client' and 'job-launcher/supervise'.
import { createClient, type LauncherClient } from '../../launcher/client/client.ts'
import { startLauncher, type Launcher, type LogLine } from '../../launcher/supervise/start-launcher.ts'

export interface Host {
  readonly launcher: Launcher
  readonly client: LauncherClient
  /** Stops the launcher. Jobs that run go on. */
  stop (): Promise<void>
}

/**
 * `folder` is the host's data folder. Its path is short, because the path of a socket may have 107 bytes at most. `set`
 * are settings that win over those of the file.
 */
export async function startHost (
  folder: string,
  log: (line: LogLine) => void,
  set: Readonly<Record<string, string>> = {}
): Promise<Host> {
  const settings = join(folder, 'host.gcfg')
  const template = await readFile(join(import.meta.dirname, 'host.gcfg'), 'utf8')
  await mkdir(folder, { recursive: true })
  await writeFile(settings, template.replaceAll('@FOLDER@', folder))

  const launcher = await startLauncher({ settings, set, log })
  const client = createClient({ address: launcher.ready.address })
  return {
    launcher,
    client,
    stop: async () => {
      await client.close()
      await launcher.stop()
    }
  }
}
