// Checks how jobs get the runtime components of the host, and whether the cluster supports it.

import type { Finding } from '../../../launcher/plugin.ts'
import type { Calls } from '../client/client.ts'
import type { RuntimeComponents } from '../config/runtime.ts'
import { autoProblem, imageVolumeProblem, sentence } from '../lifecycle/image-volume-problem.ts'
import { readImageVolumeSupport, type ImageVolumeSupport } from '../lifecycle/image-volume-support.ts'
import { skippedFinding } from './failed-check.ts'

export const RUNTIME_CHECK = 'runtime-delivery'
const NODE_READER = 'conf-templates/kubernetes-node-reader.yaml'

/** The finding, and whether jobs with `auto` get an image volume. */
export interface RuntimeDeliveryCheck {
  readonly finding: Finding
  readonly imageVolumes: boolean
}

/** Profiles that set another delivery are not checked. */
export async function checkRuntimeDelivery (
  client: Calls, namespace: string, runtime: RuntimeComponents
): Promise<RuntimeDeliveryCheck> {
  const { delivery, imagePath } = runtime
  const setting = `runtime-delivery = ${delivery}`
  if (delivery === 'init-container') return copied(`(${setting})`)
  if (imagePath === undefined) return copied(`(${setting}): runtime-image-path (Launcher.RuntimeImagePath) is not set`)
  let support: ImageVolumeSupport
  try {
    support = await readImageVolumeSupport(client, namespace, runtime)
  } catch (error) {
    const finding = skippedFinding(RUNTIME_CHECK, 'Whether the cluster supports image volumes', error)
    return { finding, imageVolumes: false }
  }
  const problem = autoProblem(support)
  if (problem === undefined) {
    return { finding: ok(`Jobs get the runtime components in an image volume (${setting}).`), imageVolumes: true }
  }
  return delivery === 'auto'
    ? { finding: autoFinding(support, `(${setting}). ${sentence(problem)}.`), imageVolumes: false }
    : { finding: imageVolumeFinding(support, setting, problem), imageVolumes: true }
}

function copied (why: string): RuntimeDeliveryCheck {
  return { finding: ok(`An init container copies the runtime components into each pod ${why}.`), imageVolumes: false }
}

function ok (message: string): Finding {
  return { check: RUNTIME_CHECK, state: 'ok', message }
}

function autoFinding ({ serverProblem, nodes }: ImageVolumeSupport, why: string): Finding {
  const message = `An init container copies the runtime components into each pod ${why}`
  return serverProblem === undefined && nodes === undefined
    ? {
        ...ok(message),
        help: `Bind the ClusterRole in ${NODE_READER}, or set runtime-delivery (Launcher.RuntimeDelivery) to ` +
          'image-volume if every node supports image volumes.'
      }
    : ok(message)
}

function imageVolumeFinding (support: ImageVolumeSupport, setting: string, problem: string): Finding {
  const impossible = imageVolumeProblem(support)
  if (impossible !== undefined) {
    return {
      check: RUNTIME_CHECK,
      state: 'missing',
      message: impossible,
      help: 'Change the setting or the cluster: until then no job starts.'
    }
  }
  const message = `Jobs get the runtime components in an image volume (${setting}). ${sentence(problem)}.`
  if (support.nodes === undefined) {
    return { ...ok(message), help: `To check the nodes too, bind the ClusterRole in ${NODE_READER}.` }
  }
  return {
    check: RUNTIME_CHECK,
    state: 'warning',
    message,
    help: 'Update these nodes or keep jobs away from them, or set runtime-delivery (Launcher.RuntimeDelivery) to auto.'
  }
}
