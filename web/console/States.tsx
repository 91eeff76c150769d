import type { ReactNode } from "react";
import type { Loaded } from "./useLoaded";

/** What went wrong, and the button that tries it again. */
export function Problem({ error, onRetry }: { error: string; onRetry: () => void }) {
  return <p className="note bad with-button" role="alert"><span>{error}</span> <button type="button" className="button compact" onClick={onRetry}>Try again</button></p>;
}

/** While something is read. */
export function Reading() {
  return <p className="empty" role="status"><span className="spinner" aria-hidden="true" /><span className="hidden">Reading</span></p>;
}

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
      {error && <Problem error={error} onRetry={reload} />}
      {value === null && isLoading && <Reading />}
      {value !== null && (isEmpty(value) ? <div className="empty">{empty}</div> : children(value))}
    </>
  );
}
