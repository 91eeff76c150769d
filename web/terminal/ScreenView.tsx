import { memo, RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { count } from "../shared/format";
import type { Row } from "./cells";
import type { TerminalScreen } from "./screen";
import css from "./terminal.css";

/** Rows of the history that are compared as one. */
const BLOCK = 100;
let isStyled = false;

/** So many characters fit. */
export interface Size {
  columns: number;
  rows: number;
}

/**
 * A terminal's screen with what was scrolled out of it above.
 *
 * `onSize` is told how much fits, first and after each change.
 */
export function ScreenView({ screen, version, frame, isOver, isDirect, onSize, onPress }: {
  screen: TerminalScreen;
  /** Grows with each change of the screen. */
  version: number;
  frame: RefObject<HTMLDivElement>;
  isOver: boolean;
  /** Each key goes to the command. */
  isDirect: boolean;
  onSize: (size: Size) => void;
  onPress: () => void;
}) {
  style();
  const probe = useRef<HTMLSpanElement>(null);
  const isAtEnd = useRef(true);
  const tell = useRef(onSize);
  tell.current = onSize;
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => {
      const cell = probe.current?.getBoundingClientRect();
      if (!cell || cell.width === 0 || cell.height === 0) return;
      element.style.setProperty("--vt-height", `${element.clientHeight}px`);
      // The margins of the text.
      const columns = Math.floor((element.clientWidth - 20) / (cell.width / 10));
      const rows = Math.floor((element.clientHeight - 16) / cell.height);
      tell.current({ columns: Math.min(Math.max(columns, 20), 500), rows: Math.min(Math.max(rows, 5), 200) });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [version]);
  const history = screen.isAlternate ? [] : screen.history;
  const rows = isOver ? withoutEnd(screen.rows) : screen.rows;
  const blocks: (readonly Row[])[] = [];
  // Blocks begin where they began before rows were forgotten, so that they stay the same.
  for (let begin = 0; begin < history.length;) {
    const end = begin + BLOCK - ((begin + screen.omitted) % BLOCK);
    blocks.push(history.slice(begin, end));
    begin = end;
  }
  const { row, column } = screen.cursor;
  return (
    <div
      className={`terminal vt${isDirect ? " direct" : ""}`}
      ref={frame}
      tabIndex={0}
      role="log"
      aria-label="Output"
      aria-live={screen.isAlternate || isDirect ? "off" : "polite"}
      onPointerUp={() => {
        if (String(window.getSelection()) !== "") return;
        onPress();
        frame.current?.querySelector("textarea")?.focus({ preventScroll: true });
      }}
      onScroll={() => {
        const element = frame.current;
        if (element) isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
      }}
    >
      {history.length > 0 && screen.omitted > 0 && <p className="marker">{count(screen.omitted, "earlier line")} not shown; the download has all.</p>}
      <pre>
        <span className="vt-probe" ref={probe} aria-hidden="true" />
        {blocks.map((block) => <Block key={block[0]?.id} first={block[0]?.id ?? 0} length={block.length} rows={block} />)}
        <span className="vt-screen">
          {rows.map((one) => <RowView key={one.id} row={one} stamp={one.stamp} />)}
          {isDirect && (
            // Keyboards on screens, dead keys and input methods write into a field, or not at all.
            <textarea className="vt-keys" aria-label="Keys for the command" autoCapitalize="off" autoComplete="off" autoCorrect="off" spellCheck={false} style={{ top: `${row * 18 + 8}px`, left: `${column}ch` }} />
          )}
          {screen.isCursorShown && !isOver && <span className="vt-cursor" aria-hidden="true" style={{ top: `${row * 18 + 8}px`, left: `${column}ch` }} />}
        </span>
      </pre>
    </div>
  );
}

/** Rows of the history never change. */
const Block = memo(function Block({ rows }: { first: number; length: number; rows: readonly Row[] }) {
  return <>{rows.map((row) => <RowView key={row.id} row={row} stamp={row.stamp} />)}</>;
}, (before, after) => before.first === after.first && before.length === after.length);

const RowView = memo(function RowView({ row }: { row: Row; stamp: number }) {
  return (
    <span>
      {row.runs.map((run, place) => {
        const { classes, ink, paper } = run.look;
        const isCell = run.places !== null;
        if (!isCell && classes === "" && ink === null && paper === null) return run.text;
        const names = `${isCell ? `vt-cell${run.places === 2 ? " wide" : ""} ` : ""}${classes}`;
        const colors = { ...(ink === null ? {} : { color: ink }), ...(paper === null ? {} : { background: paper }) };
        return <span key={place} className={names} style={colors}>{run.text}</span>;
      })}
      {"\n"}
    </span>
  );
});

/** What is over needs no empty rows below it. */
function withoutEnd(rows: readonly Row[]): readonly Row[] {
  let end = rows.length;
  while (end > 0 && (rows[end - 1] as Row).isBlank) end -= 1;
  return rows.slice(0, end);
}

/** Once, when a terminal is drawn first. */
function style(): void {
  if (isStyled) return;
  isStyled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
