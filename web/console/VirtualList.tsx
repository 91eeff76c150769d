import { KeyboardEvent, ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Rows above and below the ones that are seen, so that fast scrolling shows no holes. */
const MARGIN = 6;

/**
 * A list of any length of which only what is on the screen is in the page.
 *
 * All rows have one height; `row` gives null for what is not read yet. Arrow keys, Home and End move between rows.
 */
export function VirtualList({ count, row, onRange, label, height = 60, narrowHeight = 84, reset }: {
  count: number;
  row: (index: number) => ReactNode;
  /** Told which rows are seen: the first, and the one behind the last. */
  onRange?: (first: number, end: number) => void;
  label: string;
  height?: number;
  /** The height below 760 px, where the parts of a row stand below each other. */
  narrowHeight?: number;
  /** With another value here the list is another one, and begins at its top. */
  reset?: unknown;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState({ first: 0, end: 20 });
  const isNarrow = useNarrow();
  const tall = isNarrow ? narrowHeight : height;
  const look = () => {
    const element = frame.current;
    if (!element) return;
    const first = Math.max(0, Math.floor(element.scrollTop / tall) - MARGIN);
    const end = Math.min(count, Math.ceil((element.scrollTop + element.clientHeight) / tall) + MARGIN);
    setRange((before) => (before.first === first && before.end === end ? before : { first, end }));
  };
  useLayoutEffect(look, [count, tall]);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [count, tall]);
  useEffect(() => {
    if (frame.current) frame.current.scrollTop = 0;
  }, [reset]);
  useEffect(() => {
    onRange?.(range.first, range.end);
  }, [range.first, range.end, count, reset]);
  const move = (event: KeyboardEvent) => {
    const element = frame.current;
    const at = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (!element || !at) return;
    const now = Number(at.dataset["index"]);
    const next = event.key === "ArrowDown" ? now + 1 : event.key === "ArrowUp" ? now - 1
      : event.key === "Home" ? 0 : event.key === "End" ? count - 1 : now;
    // Where the caret moves in a text the keys are its own.
    if (next === now || next < 0 || next >= count || (event.target as HTMLElement).matches("input, textarea, select")) return;
    event.preventDefault();
    const top = next * tall;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + tall > element.scrollTop + element.clientHeight) element.scrollTop = top + tall - element.clientHeight;
    // The row is drawn with the next picture, and focused once it is there.
    let tries = 0;
    const focus = () => {
      const target = element.querySelector<HTMLElement>(`[data-index="${next}"] a, [data-index="${next}"] button`);
      if (target) target.focus({ preventScroll: true });
      else if ((tries += 1) < 60) requestAnimationFrame(focus);
    };
    focus();
  };
  const rows = [];
  for (let index = range.first; index < Math.min(range.end, count); index++) {
    rows.push(
      <div key={index} data-index={index} className="virtual-row" role="listitem" aria-setsize={count} aria-posinset={index + 1} style={{ transform: `translateY(${index * tall}px)`, height: tall }}>
        {row(index) ?? <span className="row"><span className="row-main waiting-row">…</span></span>}
      </div>,
    );
  }
  return (
    <div
      className="virtual rows"
      // As high as its rows, as far as there is room; so much of it is to be seen in the smallest window.
      style={{ flexBasis: count * tall + 2, minHeight: Math.min(count * tall + 2, isNarrow ? 420 : 240) }}
      ref={frame}
      onScroll={look}
      onKeyDown={move}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <div role="list" style={{ height: count * tall }}>{rows}</div>
    </div>
  );
}

/** Says whether the window is as narrow as a phone's. */
export function useNarrow(): boolean {
  const [query] = useState(() => window.matchMedia("(max-width: 760px)"));
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const changed = () => setNarrow(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return isNarrow;
}
