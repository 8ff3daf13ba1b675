/** A component whose code is fetched when it is first drawn; nothing until it is there. */
import { signal } from "@preact/signals";
import type { ComponentType, FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";

export function lazy<P extends object>(fetch: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  const found = signal<ComponentType<P> | null>(null);
  return function Lazy(props: P) {
    useEffect(() => void (found.peek() ?? fetch().then((made) => (found.value = made), () => {})), []);
    const Made = found.value;
    return Made && <Made {...props} />;
  };
}
