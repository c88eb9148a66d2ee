// Decides from what the cluster supports whether jobs can get the runtime components in an image volume. Pure.

import type { ImageVolumeSupport } from './image-volume-support.ts'

const REMEDY =
  'set runtime-delivery (Launcher.RuntimeDelivery) to auto or init-container, or use a cluster that supports them'

/** Returns why `auto` uses an init container; undefined if it uses image volumes. */
export function autoProblem (support: ImageVolumeSupport | undefined): string | undefined {
  if (support === undefined) return 'it is not known yet whether the cluster supports image volumes'
  const { serverProblem, nodes } = support
  if (serverProblem !== undefined) return serverProblem
  if (nodes === undefined) {
    return 'the launcher has no right to list the nodes, so it does not know whether they support image volumes'
  }
  return nodes.state === 'all' ? undefined : nodes.why
}

/** Whether the API server supports image volumes, and the launcher has no right to read what the nodes support. */
export function isUnknownForNodes (support: ImageVolumeSupport | undefined): boolean {
  return support !== undefined && support.serverProblem === undefined && support.nodes === undefined
}

/** Returns why no job with `image-volume` can run, and what to do; undefined if one can, or if that is unknown. */
export function imageVolumeProblem (support: ImageVolumeSupport | undefined): string | undefined {
  const { serverProblem, nodes } = support ?? {}
  const why = serverProblem ?? (nodes?.state === 'none' ? nodes.why : undefined)
  return why === undefined
    ? undefined
    : 'The runtime components cannot be delivered in an image volume (runtime-delivery = image-volume). ' +
      `${sentence(why)}; ${REMEDY}.`
}

/** Begins with a capital letter. */
export function sentence (text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
