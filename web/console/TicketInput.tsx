import { FormEvent, RefObject, useEffect, useRef, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { sentence } from "../shared/api";
import type { Ticket } from "../shared/types";
import { Check } from "./parts";

/** What keys of a terminal send (ECMA-48, xterm). */
const keys: Record<string, string> = {
  Enter: "\r", Backspace: "\x7f", Tab: "\t", Escape: "\x1b", ArrowUp: "\x1b[A", ArrowDown: "\x1b[B", ArrowRight: "\x1b[C", ArrowLeft: "\x1b[D",
  Home: "\x1b[H", End: "\x1b[F", Delete: "\x1b[3~", PageUp: "\x1b[5~", PageDown: "\x1b[6~",
};

const buttons: [string, string, string][] = [
  ["Ctrl C", "\x03", "Interrupts the command"], ["Ctrl D", "\x04", "Ends what is typed"], ["Tab", "\t", "Completes"], ["Esc", "\x1b", "Escape"],
  ["\u2191", "\x1b[A", "Arrow up"], ["\u2193", "\x1b[B", "Arrow down"], ["Enter", "\r", "An empty line"],
];

/** Types into a command: line by line, or each key at once in a terminal. */
export function TicketInput({ assistant, ticket, screen }: { assistant: Assistant; ticket: Ticket; screen: RefObject<HTMLElement> }) {
  const [text, setText] = useState("");
  const [isHidden, setHidden] = useState(false);
  const [isDirect, setDirect] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const pending = useRef("");
  const wantsEnd = useRef(false);
  const isSending = useRef(false);
  const path = `/v1/sessions/${encodeURIComponent(ticket.session)}/tickets/${ticket.ticket}/input`;
  // One request at a time, so that keys arrive in their order, and the end after them.
  const drain = async () => {
    if (isSending.current) return;
    isSending.current = true;
    setError(null);
    while (pending.current !== "" || wantsEnd.current) {
      const next = pending.current;
      pending.current = "";
      try {
        if (next !== "") {
          await assistant.api.raw("POST", path, { text: next });
        } else {
          wantsEnd.current = false;
          await assistant.api.raw("POST", `${path}?close=1`);
        }
      } catch (problem) {
        pending.current = "";
        wantsEnd.current = false;
        setError(sentence(problem));
      }
    }
    isSending.current = false;
  };
  const send = (bytes: string) => {
    pending.current += bytes;
    return drain();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(`${text}${ticket.terminal ? "\r" : "\n"}`);
    setText("");
  };
  const close = () => {
    wantsEnd.current = true;
    return drain();
  };
  useEffect(() => {
    const element = screen.current;
    if (!isDirect || !element) return;
    const press = (event: KeyboardEvent) => {
      // The way out for whoever has no mouse.
      if (event.key === "Tab" && event.shiftKey) return setDirect(false);
      if (event.metaKey || event.isComposing) return;
      let bytes = keys[event.key];
      if (event.ctrlKey && !event.altKey) {
        // With a selection it copies, as everywhere; what is pasted arrives as such.
        if ((event.key === "c" && String(window.getSelection()) !== "") || event.key === "v") return;
        const code = event.key.toUpperCase().charCodeAt(0);
        bytes = event.key.length === 1 && code >= 64 && code < 96 ? String.fromCharCode(code - 64) : bytes;
      } else if (event.key.length === 1) bytes = (event.altKey ? "\x1b" : "") + event.key;
      if (bytes === undefined) return;
      event.preventDefault();
      void send(bytes);
    };
    const paste = (event: ClipboardEvent) => {
      const pasted = event.clipboardData?.getData("text/plain") ?? "";
      if (pasted === "") return;
      event.preventDefault();
      void send(pasted.replace(/\r?\n/g, "\r"));
    };
    element.addEventListener("keydown", press);
    element.addEventListener("paste", paste);
    element.focus();
    return () => {
      element.removeEventListener("keydown", press);
      element.removeEventListener("paste", paste);
    };
  }, [isDirect, path]);
  return (
    <form className="command-line" onSubmit={submit}>
      <label className="hidden" htmlFor="ticket-input">Input for the command</label>
      <input id="ticket-input" className="input mono" type={isHidden ? "password" : "text"} value={text} placeholder="Type into the command" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setText(event.target.value)} />
      <button type="submit" className="button primary">Send</button>
      <div className="key-row">
        {ticket.terminal && buttons.map(([name, bytes, title]) => (
          <button key={name} type="button" className="button compact" title={title} aria-label={`${name}: ${title}`} onClick={() => void send(bytes)}>{name}</button>
        ))}
        {ticket.terminal && (
          <button type="button" className="button compact" aria-pressed={isDirect} title="Keys go to the command at once while its output is in focus; Shift Tab leaves" onClick={() => setDirect(!isDirect)}>
            {isDirect ? "Each key is sent \u2013 Shift Tab ends it" : "Send each key at once"}
          </button>
        )}
        {!ticket.terminal && <button type="button" className="button compact" onClick={() => void close()}>End of input</button>}
        <Check checked={isHidden} onChange={setHidden}>Hide what I type</Check>
      </div>
      {error && <p className="note bad" role="alert">{error}</p>}
    </form>
  );
}
