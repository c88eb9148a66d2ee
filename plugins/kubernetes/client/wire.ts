// The shape that objects have in JSON.

/** An object as it comes over the wire: times are text. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T
