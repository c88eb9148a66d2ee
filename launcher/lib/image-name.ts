// Recognizes image names: [HOST[:PORT]/]PATH[:TAG][@DIGEST], as registries and nodes parse them.

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?`
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const TAG = ':[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}'
const IMAGE = new RegExp(`^(?:${HOST}/)?${PART}(?:/${PART})*(?:${TAG})?(?:${DIGEST})?$`)

/** What `isImageName` accepts, in words for messages. */
export const IMAGE_FORM = 'the name of an image, such as registry.example/host/runtime:1.2'

export function isImageName (text: string): boolean {
  return IMAGE.test(text)
}
