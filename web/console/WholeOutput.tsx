import { useState } from "react";
import type { Assistant } from "../chat/assistant";
import { count } from "../shared/format";
import { TerminalText } from "../shared/terminal";
import { Marked } from "./FoundLines";
import { Refusal } from "./parts";
import { useAction } from "./useAction";

const MOST = 500;

/** Looks through an output that is too long to be shown whole; the server does, and capitals count. */
export function WholeOutput({ assistant, session, number, search }: { assistant: Assistant; session: string; number: number; search: string }) {
  const [found, setFound] = useState<string[] | null>(null);
  const action = useAction();
  const look = () => void action.run(async () => {
    const query = new URLSearchParams({ grep: search.trim(), limit: String(MOST) });
    const response = await assistant.api.raw("GET", `/v1/sessions/${encodeURIComponent(session)}/tickets/${number}/output?${query}`);
    // As a terminal would show it: the lines may hold sequences.
    const text = new TerminalText();
    text.write(await response.text());
    setFound(text.lines.map((line) => line.map((span) => span.text).join("")));
  });
  return (
    <section className="note" aria-label="In the whole output">
      {found === null
        ? <p>Only the last part is shown below. <button type="button" className="button compact" disabled={action.isBusy} onClick={look}>Search all of it</button></p>
        : <p role="status">{found.length === 0 ? "No line of the whole output has exactly this." : `${count(found.length, "line")} of the whole output${found.length === MOST ? ", and more" : ""}, with their numbers:`}</p>}
      <Refusal action={action} />
      {found !== null && found.length > 0 && (
        <pre className="output bounded-output" tabIndex={0}>{found.map((line, place) => <Marked key={place} text={line} words={search.trim().toLowerCase()} />)}</pre>
      )}
    </section>
  );
}
