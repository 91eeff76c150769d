import type { ReactNode } from "react";
import type { Pages } from "./usePages";
import { Problem, Reading } from "./States";
import { VirtualList } from "./VirtualList";

/** A list of any length that is read as it is scrolled, with its states: reading, failed, nothing there. */
export function PagedList<Row>({ pages, row, empty, label, height, narrowHeight, reset }: {
  pages: Pages<Row>;
  row: (row: Row, index: number) => ReactNode;
  /** What to do when there is nothing. */
  empty: ReactNode;
  label: string;
  height?: number;
  narrowHeight?: number;
  reset?: unknown;
}) {
  const { rows, hasMore, isFirst, isLoading, error, more, reload } = pages;
  // One more row stands for what is still to be read.
  const count = rows.length + (hasMore ? 1 : 0);
  const sizes = { ...(height === undefined ? {} : { height }), ...(narrowHeight === undefined ? {} : { narrowHeight }) };
  return (
    <>
      {error !== null && <Problem error={error} onRetry={reload} />}
      {isFirst && isLoading && <Reading />}
      {!isFirst && rows.length === 0 && <div className="empty">{empty}</div>}
      {rows.length > 0 && (
        <VirtualList
          count={count}
          label={label}
          reset={reset}
          {...sizes}
          row={(index) => {
            const value = rows[index];
            return value === undefined ? null : row(value, index);
          }}
          onRange={(_, end) => { if (end > rows.length - 20) more(); }}
        />
      )}
    </>
  );
}
