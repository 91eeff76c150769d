import { useSyncExternalStore } from "react";

/** The parts of the address behind `#/`, decoded. */
export function parts(): string[] {
  return location.hash.replace(/^#\/?/, "").split("/").filter((part) => part !== "").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

/** The address of a screen. */
export function to(...names: (string | number)[]): string {
  return `#/${names.map((name) => encodeURIComponent(String(name))).join("/")}`;
}

export function go(...names: (string | number)[]): void {
  location.hash = to(...names);
}

/** Where the person is; a new rendering when they go elsewhere. */
export function useRoute(): string[] {
  const text = useSyncExternalStore(
    (changed) => {
      window.addEventListener("hashchange", changed);
      return () => window.removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
  void text;
  return parts();
}
