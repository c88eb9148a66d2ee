// The types of objects as JSON.

/** An object as the API server sends it: times are text. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T
