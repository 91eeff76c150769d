import { useEffect, useRef, useState } from "react";
import type { Drawing, Line } from "../shared/terminal";
import { count } from "../shared/format";

const FIRST = 10;

/** An output as a terminal shows it: its first ten lines, then more; while it grows, its end. */
export function Output({ output, version, isGrowing }: { output: Drawing; version: number; isGrowing: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const lines = output.lines;
  const isLong = lines.length > FIRST + 2;
  const shown = isOpen || !isLong ? lines : isGrowing ? lines.slice(-FIRST) : lines.slice(0, FIRST);
  useEffect(() => {
    const element = frame.current;
    if (element && isGrowing && element.scrollHeight - element.scrollTop - element.clientHeight < 80) {
      element.scrollTop = element.scrollHeight;
    }
  }, [version, isGrowing]);
  if (lines.length === 0) return null;
  return (
    <>
      <div className="card-output" ref={frame} tabIndex={0} role="region" aria-label="Output">
        {output.omitted > 0 && isOpen && <p className="marker">{count(output.omitted, "earlier line")} not shown</p>}
        <pre className="output">
          <Lines lines={shown} />
        </pre>
      </div>
      {isLong && (
        <button type="button" className="button plain compact card-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Show less" : `Show all ${count(lines.length, "line")}`}
        </button>
      )}
    </>
  );
}

/** Lines with their colours. */
export function Lines({ lines }: { lines: Line[] }) {
  return (
    <>
      {lines.map((line, index) => (
        <span key={index}>
          {line.map((span, place) => (span.look === "" ? span.text : <span key={place} className={span.look}>{span.text}</span>))}
          {"\n"}
        </span>
      ))}
    </>
  );
}
