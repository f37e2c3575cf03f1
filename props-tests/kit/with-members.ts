/**
 * An object with some members replaced.
 *
 * Owns: the proxy. Leaves what the members do to whoever replaces them.
 */
export type AnyFunction = (...args: unknown[]) => unknown

/** `target` with some members replaced; methods keep their own `this`. `looked` is told of each look at it. */
export function withMembers<Target extends object>(
  target: Target,
  members: Readonly<Record<PropertyKey, unknown>>,
  looked: () => void = () => {},
): Target {
  return new Proxy(target, {
    get: (own, name) => {
      looked()
      if (Object.hasOwn(members, name)) return members[name]
      const member: unknown = Reflect.get(own, name, own)
      return typeof member === 'function' ? (member as AnyFunction).bind(own) : member
    },
  })
}
