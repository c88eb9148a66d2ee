// Plays the main use of the launcher in containers of a real Kubernetes, and shows the objects that it makes there.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientJob } from '../../../launcher/client/client.ts'
import { startHost, type Host } from '../../host-node/host.ts'
import { runToEnd } from '../jobs.ts'
import { playStop, showRenderedFiles } from '../scenes.ts'
import { heading } from '../show.ts'
import { endRunning, openStage, showLauncher, showWarning, type Stage } from '../stage.ts'
import { openCluster, whyNoCluster } from './cluster.ts'
import { makeNamespace, type DemoNamespace } from './namespace.ts'
import { hasJob, showObjects } from './objects.ts'
import { containerPrograms, SECRET } from './programs.ts'
import { ImageNotPulled, playAdoption, playApps, playNoImage, playReport } from './scenes.ts'

const UNAVAILABLE = 69
const FINISHED = { status: 'Finished', exitCode: 0, reason: 'Exited' } as const
const CANCELED = { status: 'Canceled', reason: 'CanceledOnRequest' } as const
/** Without an exit code: some versions of Kubernetes remove the container of a deleted pod before they report it. */
const STOPPED = { status: 'Finished', reason: 'Stopped' } as const

const missing = await whyNoCluster()
if (missing !== undefined) {
  console.error(missing)
  process.exit(UNAVAILABLE)
}
console.log('Left out in containers: the Python environment and the R program, which need images that have them, ' +
  'and standard error by itself, because a container has one stream.')
const stage = openStage()
try {
  await playOnCluster()
  stage.end()
} catch (error) {
  if (!stage.stopped.aborted && !(error instanceof ImageNotPulled)) throw error
  console.error(stage.stopped.aborted ? 'The demo was interrupted; nothing of it is left.' : (error as Error).message)
  process.exitCode = stage.stopped.aborted ? 1 : UNAVAILABLE
}

async function playOnCluster (): Promise<void> {
  heading('A cluster')
  const { kubeconfig, image, close } = await openCluster(stage.stopped)
  const folder = await mkdtemp(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'jl-'))
  try {
    const space = await makeNamespace(kubeconfig, folder)
    console.log(`made the namespace ${space.name}, with a service account for the launcher ` +
      'that has the Role of conf-templates/kubernetes-role.yaml')
    try {
      await space.showRights(stage.expectations)
      await playInNamespace(space, image, folder)
    } finally {
      await space.remove()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
    await close()
  }
}

async function playInNamespace (space: DemoNamespace, image: string, folder: string): Promise<void> {
  heading('A host starts and spawns the launcher as its child')
  const host = await startHost(folder, showWarning, space.settings)
  // Ends the running jobs, and with them the scene that waits for them.
  stage.stopped.addEventListener('abort', () => { endRunning(host.client).catch(() => {}) })
  try {
    showLauncher(host)
    await playScenes(host, space, image, stage)
  } finally {
    await endRunning(host.client)
      .catch((error: Error) => console.log(`the jobs end with their namespace (${error.message})`))
    await host.stop()
  }
}

async function playScenes (
  host: Host, space: DemoNamespace, image: string, { expectations, play }: Stage
): Promise<void> {
  const programs = await containerPrograms(image)
  const { exitsWith3, noImage, stopped, survivor } = programs
  let report: ClientJob | undefined
  await showRenderedFiles(host)
  await play('Make a report from standard input, with a secret', async () => {
    report = await playReport(host, programs.report, expectations)
    return report
  }, FINISHED)
  let visit: ClientJob | undefined
  await play('Run an interactive app in three containers', async () => {
    const { apps, visitor } = programs
    const played = await playApps(host, { apps, visitor, showObjects: showAppObjects }, expectations)
    visit = played.visit
    return played.apps
  }, STOPPED)
  if (visit !== undefined) expectations.job(visit, FINISHED)
  await play('A program that fails', () => runToEnd(host, exitsWith3), { ...FINISHED, exitCode: 3 })
  await play('A job whose image does not exist', () => playNoImage(host, noImage, expectations), CANCELED)
  await play('A job that is stopped', () => playStop(host, stopped), STOPPED)
  await play(
    'A job that continues while the launcher is killed and restarted',
    () => playAdoption(host, survivor, expectations),
    STOPPED
  )
  if (stage.stopped.aborted) return
  heading('A job that is deleted leaves the cluster, too')
  await host.client.remove(report!.id)
  expectations.that(!await hasJob(space, report!.id), 'the Job of a deleted job is gone')
  console.log(`Job job-${report!.id} is gone`)

  async function showAppObjects (apps: readonly ClientJob[]): Promise<void> {
    heading('What the cluster shows of it')
    const kinds = [
      { job: report!, kinds: ['Job', 'Pod', 'Secret'] },
      ...apps.map(job => ({ job, kinds: ['Job', 'Pod', 'Service'] }))
    ]
    await showObjects(space, { instance: host.launcher.ready.instance, kinds, hidden: SECRET }, expectations)
  }
}
