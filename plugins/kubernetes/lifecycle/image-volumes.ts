// Follows whether the cluster supports image volumes, which decides how jobs get the runtime components of the host.

import type { Logger } from 'pino'
import { RetryableError } from '../../../launcher/errors.ts'
import { singleFlight } from '../../../launcher/lib/single-flight.ts'
import type { Calls } from '../client/client.ts'
import type { RuntimeComponents } from '../config/runtime.ts'
import { autoProblem, imageVolumeProblem, isUnknownForNodes } from './image-volume-problem.ts'
import { readImageVolumeSupport, type ImageVolumeSupport } from './image-volume-support.ts'

export interface ImageVolumes {
  /**
   * Reads what the cluster supports, unless that is known for a while. Resolves at once if it was ever read. Never
   * rejects.
   */
  refresh (): Promise<void>
  /** Whether `auto` uses image volumes. */
  usable (): boolean
  /** Why the cluster does not support them, and what to set; only if `image-volume` is the setting. */
  problem (): string | undefined
  /** Throws RetryableError if a job that needs an image volume must not be created: the server would drop it. */
  require (): void
}

export interface ImageVolumesOptions {
  readonly client: Calls
  readonly namespace: string
  /** The current configuration. */
  readonly runtime: () => RuntimeComponents | undefined
  readonly log: Logger
  /** How long it counts that the cluster supports image volumes. Defaults to 10 minutes. */
  readonly usableMs?: number
  /** How long any other result counts. Defaults to 10 s. */
  readonly retryMs?: number
}

export function createImageVolumes ({
  client, namespace, runtime, log, usableMs = 600_000, retryMs = 10_000
}: ImageVolumesOptions): ImageVolumes {
  let support: ImageVolumeSupport | undefined
  /** Of the components for which the support was read. */
  let readFor: string | undefined
  let triedAt = -Infinity
  let logged: { readonly cause: string | undefined } | undefined

  const { run } = singleFlight(async () => {
    const wanted = runtime()
    if (wanted === undefined) return
    triedAt = performance.now()
    if (readFor !== keyOf(wanted)) support = undefined
    readFor = keyOf(wanted)
    try {
      support = await readImageVolumeSupport(client, namespace, wanted)
      logChange(wanted)
    } catch (err) {
      log.debug({ err }, 'image volume check failed')
    }
  })

  function keyOf ({ image, imagePath }: RuntimeComponents): string {
    return `${image} ${imagePath}`
  }

  function logChange ({ delivery }: RuntimeComponents): void {
    const cause = autoProblem(support)
    if (logged !== undefined && cause === logged.cause) return
    if (cause === undefined) log.info('image volumes supported')
    else if (isUnknownForNodes(support)) log.info({ cause }, 'image volume support of nodes unknown')
    else log[delivery === 'image-volume' ? 'warn' : 'info']({ cause }, 'image volumes not supported')
    logged = { cause }
  }

  return {
    async refresh () {
      const wanted = runtime()
      // Without the path in the image no job can get an image volume.
      if (wanted?.imagePath === undefined) return
      const isSame = readFor === keyOf(wanted)
      const validMs = autoProblem(support) === undefined ? usableMs : retryMs
      if (isSame && performance.now() - triedAt < validMs) return
      const reading = run()
      if (support === undefined || !isSame) await reading
    },
    usable: () => autoProblem(support) === undefined,
    problem: () => runtime()?.delivery === 'image-volume' ? imageVolumeProblem(support) : undefined,
    require () {
      const problem = imageVolumeProblem(support)
      if (problem !== undefined) throw new RetryableError(problem, { reason: 'ImageVolumeNotSupported' })
      if (support === undefined) {
        throw new RetryableError('The launcher does not know yet whether the cluster supports image volumes.')
      }
    }
  }
}
