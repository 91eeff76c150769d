import { useCallback, useState } from "react";
import { sentence } from "../shared/api";

export interface Action {
  /** Does something; true when it went well, else `error` says why not. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
  error: string | null;
  isBusy: boolean;
  clear: () => void;
}

/** Something that a person asks for: under way, or failed with a reason. */
export function useAction(): Action {
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (problem) {
      setError(sentence(problem));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(null), []);
  return { run, error, isBusy, clear };
}
