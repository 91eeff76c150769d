import { useCallback, useRef, useState } from "react";
import { sentence } from "../shared/api";

export interface Action {
  isBusy: boolean;
  error: string | null;
  /** What was done, for people, where the work says so. */
  done: string | null;
  /** Does something unless something is being done already; true when it went well, else `error` says why not. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
}

const still = { isBusy: false, error: null as string | null, done: null as string | null };

/** Something that a person asks for, one at a time: under way, done, or failed with what to do about it. */
export function useAction(): Action {
  const [state, setState] = useState(still);
  const isBusy = useRef(false);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setState({ ...still, isBusy: true });
    try {
      const done = await work();
      setState({ ...still, done: typeof done === "string" ? done : null });
      return true;
    } catch (problem) {
      setState({ ...still, error: sentence(problem) });
      return false;
    } finally {
      isBusy.current = false;
    }
  }, []);
  const clear = useCallback(() => setState((before) => ({ ...before, error: null, done: null })), []);
  return { ...state, run, clear };
}
