import type { ReactNode } from "react";
import type { Loaded } from "./useLoaded";

/** The states that every screen has: reading, failed, nothing there. */
export function States<Value>({ loaded, isEmpty, empty, children }: {
  loaded: Loaded<Value>;
  isEmpty: (value: Value) => boolean;
  empty: ReactNode;
  children: (value: Value) => ReactNode;
}) {
  const { value, error, isLoading, reload } = loaded;
  return (
    <>
      {error && (
        <p className="note bad" role="alert">{error} <button type="button" className="button compact" onClick={reload}>Try again</button></p>
      )}
      {value === null && isLoading && <p className="empty" role="status"><span className="spinner" aria-hidden="true" /><span className="hidden">Reading</span></p>}
      {value !== null && (isEmpty(value) ? <div className="empty">{empty}</div> : children(value))}
    </>
  );
}
