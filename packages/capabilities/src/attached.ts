/** Names that a type declares one by one; an index signature (`Record<string, …>`) declares none. */
type DeclaredKeys<T> = keyof {
  [K in keyof T as string extends K ? never : number extends K ? never : symbol extends K ? never : K]: true;
};

/**
 * The members of `M` that `T` leaves free. A name that `T` keeps private is not among its keys; an intersection with a
 * mapped type does not collapse to `never` over it, as one with `M` itself would.
 */
type FreeMembers<T, M> = {
  [K in keyof M as K extends DeclaredKeys<T> ? never : K]: M[K];
};

/**
 * A component with the members of a capability. Where both have a name, the component's own type stands, as its own
 * member does at run time.
 */
export type Attached<T extends object, M extends object> = T & FreeMembers<T, M>;
