// Judges from what the nodes report of themselves whether they can mount image volumes. Pure.

export interface NodeInfo {
  readonly name: string
  /** Such as v1.37.2. */
  readonly kubelet: string
  /** Such as containerd://2.4.2. */
  readonly runtime: string
}

/**
 * `all`: every node supports image volumes. `none`: no node does. `unsure`: some node does not, or it cannot be known.
 * `why` completes a sentence that begins with "because".
 */
export type NodeSupport = { readonly state: 'all' } | { readonly state: 'none' | 'unsure', readonly why: string }

type Version = readonly [major: number, minor: number]

/**
 * The first versions of container runtimes that mount an image, and that mount a folder of it. containerd 2.1 mounts
 * the whole image instead of the folder, and reports no error. A runtime without a version cannot mount images.
 */
const RUNTIMES: Readonly<Record<string, { readonly image: Version, readonly folder: Version } | 'none'>> = {
  containerd: { image: [2, 1], folder: [2, 2] },
  'cri-o': { image: [1, 31], folder: [1, 33] },
  docker: 'none'
}
/** The first kubelet that has image volumes switched on by default. Whether an older one has them is not reported. */
const KUBELET: Version = [1, 35]
/** Nodes that a message names. */
const MAX_NAMED = 3

/** `folder`: whether a folder of the image is to be mounted instead of the whole image. */
export function nodeSupport (nodes: readonly NodeInfo[], folder: boolean): NodeSupport {
  if (nodes.length === 0) return { state: 'unsure', why: 'the cluster has no Linux node' }
  const lacking = nodes.map(node => ({ node, lacks: lackOf(node, folder) })).filter(({ lacks }) => lacks !== undefined)
  if (lacking.length === 0) return { state: 'all' }
  const named = lacking.slice(0, MAX_NAMED).map(({ node: { name, kubelet, runtime }, lacks }) =>
    `${name} has ${lacks === 'kubelet' ? `kubelet ${kubelet}` : runtime}`)
  const more = lacking.length > MAX_NAMED ? ` and ${lacking.length - MAX_NAMED} more` : ''
  const isCertain = lacking.length === nodes.length && lacking.every(({ lacks }) => lacks === 'runtime')
  return {
    state: isCertain ? 'none' : 'unsure',
    why: `${isCertain ? 'no node supports image volumes' : 'not every node is known to support image volumes'}: ` +
      `${named.join(', ')}${more}`
  }
}

/** What makes a node unable to mount image volumes, or leaves that unknown. */
function lackOf (
  { kubelet, runtime }: NodeInfo, folder: boolean
): 'runtime' | 'unknown runtime' | 'kubelet' | undefined {
  const [name = '', text = ''] = runtime.split('://')
  const needed = Object.hasOwn(RUNTIMES, name) ? RUNTIMES[name] : undefined
  if (needed === 'none') return 'runtime'
  const version = versionOf(text)
  if (needed === undefined || version === undefined) return 'unknown runtime'
  if (isBefore(version, folder ? needed.folder : needed.image)) return 'runtime'
  const kubeletVersion = versionOf(kubelet)
  return kubeletVersion === undefined || isBefore(kubeletVersion, KUBELET) ? 'kubelet' : undefined
}

function versionOf (text: string): Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor)]
}

function isBefore (a: Version, b: Version): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
}
