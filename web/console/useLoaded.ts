import { useCallback, useEffect, useState } from "react";
import { isOffline, sentence } from "../shared/api";
import { whenBack } from "../shared/whenBack";

export interface Loaded<Value> {
  value: Value | null;
  error: string | null;
  isLoading: boolean;
  reload: () => void;
}

/**
 * What a screen reads when it is shown, again with each change of its names, and every few seconds where it says so;
 * nothing where it is not wanted.
 */
export function useLoaded<Value>(load: () => Promise<Value>, names: unknown[], every: number | null = null, isWanted = true): Loaded<Value> {
  const [state, setState] = useState<{ value: Value | null; error: string | null; isLoading: boolean }>({ value: null, error: null, isLoading: true });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!isWanted) return;
    let isCurrent = true;
    let stopWaiting: () => void = () => {};
    setState((before) => ({ ...before, isLoading: true }));
    load().then(
      (value) => isCurrent && setState({ value, error: null, isLoading: false }),
      (error) => {
        if (!isCurrent) return;
        setState((before) => ({ ...before, error: sentence(error), isLoading: false }));
        if (isOffline(error)) stopWaiting = whenBack(() => setRound((number) => number + 1));
      },
    );
    return () => {
      isCurrent = false;
      stopWaiting();
    };
  }, [...names, round]);
  useEffect(() => setState({ value: null, error: null, isLoading: true }), names);
  useEffect(() => {
    if (every === null) return;
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") setRound((number) => number + 1);
    }, every);
    return () => window.clearInterval(timer);
  }, [every]);
  const reload = useCallback(() => setRound((number) => number + 1), []);
  return { ...state, reload };
}
