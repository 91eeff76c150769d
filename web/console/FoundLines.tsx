import { Fragment } from "react";
import { Lines } from "../chat/Output";
import type { Line } from "../shared/terminal";

export interface Found {
  /** How often the words occur. */
  count: number;
  /** The lines that have them, from 0. */
  places: number[];
}

/** Where words occur in lines, whatever their case. */
export function find(lines: Line[], search: string): Found {
  const words = search.trim().toLowerCase();
  if (words === "") return { count: 0, places: [] };
  let count = 0;
  const places: number[] = [];
  lines.forEach((line, place) => {
    const parts = textOf(line).toLowerCase().split(words).length - 1;
    if (parts === 0) return;
    count += parts;
    places.push(place);
  });
  return { count, places };
}

function textOf(line: Line): string {
  return line.map((span) => span.text).join("");
}

/** Lines with what was found marked; a line with a find is drawn without its colours. */
export function FoundLines({ lines, found, isFiltered, search }: { lines: Line[]; found: Found; isFiltered: boolean; search: string }) {
  const words = search.trim().toLowerCase();
  if (words === "") return <Lines lines={lines} />;
  const wanted = new Set(found.places);
  if (found.places.length === 0) return isFiltered ? null : <Lines lines={lines} />;
  const pieces = [];
  let begin = 0;
  const plain = (end: number) => {
    if (!isFiltered && end > begin) pieces.push(<Lines key={`lines ${begin}`} lines={lines.slice(begin, end)} />);
    begin = end + 1;
  };
  for (const place of wanted) {
    plain(place);
    pieces.push(<Marked key={place} text={textOf(lines[place] as Line)} words={words} />);
  }
  plain(lines.length);
  return <>{pieces}</>;
}

/** A line whose finds are marked. */
export function Marked({ text, words }: { text: string; words: string }) {
  const lower = text.toLowerCase();
  // Letters whose small form is longer would shift the places; then nothing is marked.
  if (lower.length !== text.length) return <>{text}{"\n"}</>;
  const pieces = [];
  let begin = 0;
  for (let at = lower.indexOf(words); at >= 0; at = lower.indexOf(words, begin)) {
    pieces.push(<Fragment key={at}>{text.slice(begin, at)}<mark>{text.slice(at, at + words.length)}</mark></Fragment>);
    begin = at + words.length;
  }
  return <>{pieces}{text.slice(begin)}{"\n"}</>;
}
