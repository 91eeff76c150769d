import { useCallback, useEffect, useRef, useState } from "react";
import { isOffline, sentence } from "../shared/api";
import { whenBack } from "../shared/whenBack";

export interface Pages<Row> {
  rows: Row[];
  /** Says whether there is more behind the last row. */
  hasMore: boolean;
  /** Says that nothing was read yet. */
  isFirst: boolean;
  isLoading: boolean;
  error: string | null;
  /** Reads the next page; does nothing while one is read. */
  more: () => void;
  /** Reads the list anew from its beginning. */
  reload: () => void;
}

/** One page of a list: its rows, and what to ask for the next with. */
export interface PageOf<Row, Cursor> {
  rows: Row[];
  next: Cursor | null;
}

/**
 * A list that is read page by page with the cursor that each answer carries.
 *
 * It begins anew when one of the names changes; `load` gets null for the first page.
 */
export function usePages<Row, Cursor>(load: (after: Cursor | null) => Promise<PageOf<Row, Cursor>>, names: unknown[]): Pages<Row> {
  const nothing = { rows: [] as Row[], next: null as Cursor | null, isFirst: true, isLoading: true, error: null as string | null };
  const [state, setState] = useState(nothing);
  // What an earlier list answers late is not shown in the one that came after it.
  const round = useRef(0);
  const isReading = useRef(false);
  const stopWaiting = useRef<() => void>(() => {});
  const read = useCallback(async (after: Cursor | null, isNew: boolean) => {
    const mine = isNew ? (round.current += 1) : round.current;
    isReading.current = true;
    setState((before) => ({ ...before, isLoading: true }));
    try {
      let page = await load(after);
      // A search looks at so many rows at a time: where none of them fits, it goes on with the next ones.
      while (page.rows.length === 0 && page.next !== null && mine === round.current) page = await load(page.next);
      if (mine !== round.current) return;
      setState((before) => ({ rows: isNew ? page.rows : [...before.rows, ...page.rows], next: page.next, isFirst: false, isLoading: false, error: null }));
    } catch (error) {
      if (mine !== round.current) return;
      setState((before) => ({ ...before, isLoading: false, error: sentence(error) }));
      if (isOffline(error)) stopWaiting.current = whenBack(() => void read(after, isNew));
    }
    isReading.current = false;
  }, names);
  useEffect(() => {
    setState(nothing);
    void read(null, true);
    return () => {
      round.current += 1;
      stopWaiting.current();
    };
  }, [read]);
  const more = useCallback(() => {
    if (!isReading.current && state.next !== null && state.error === null) void read(state.next, false);
  }, [read, state]);
  // After an error in the middle what is there stays, and the page that failed is read once more.
  const reload = useCallback(() => {
    if (state.error !== null && state.next !== null && state.rows.length > 0) void read(state.next, false);
    else void read(null, true);
  }, [read, state]);
  return { rows: state.rows, hasMore: state.next !== null, isFirst: state.isFirst, isLoading: state.isLoading, error: state.error, more, reload };
}
