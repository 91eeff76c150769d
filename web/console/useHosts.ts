import type { Assistant } from "../chat/assistant";
import type { Host } from "./oversight";
import { Loaded, useLoaded } from "./useLoaded";

/** The host applications of the server. */
export function useHosts(assistant: Assistant): Loaded<Host[]> {
  return useLoaded(() => assistant.api.get<{ hosts: Host[] }>("/v1/admin/hosts").then((answer) => answer.hosts), [assistant]);
}

/** A path with parameters that are not null. */
export function path(base: string, parameters: Record<string, string | number | null>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== "");
  return given.length === 0 ? base : `${base}?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}
