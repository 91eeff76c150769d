import { useCallback, useRef, useState } from "react";
import { sentence } from "../shared/api";

export interface Attempt {
  isBusy: boolean;
  error: string | null;
  /** What was done, for people. */
  done: string | null;
  /** Does the work unless something is being done already; true when it succeeded. */
  run: (work: () => Promise<string | null>) => Promise<boolean>;
}

/** One thing at a time that can fail: says what it did, or what to do about it. */
export function useAttempt(): Attempt {
  const [state, setState] = useState<{ isBusy: boolean; error: string | null; done: string | null }>({ isBusy: false, error: null, done: null });
  const isBusy = useRef(false);
  const run = useCallback(async (work: () => Promise<string | null>) => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setState({ isBusy: true, error: null, done: null });
    try {
      const done = await work();
      setState({ isBusy: false, error: null, done });
      return true;
    } catch (error) {
      setState({ isBusy: false, error: sentence(error), done: null });
      return false;
    } finally {
      isBusy.current = false;
    }
  }, []);
  return { ...state, run };
}
