import { FormEvent, RefObject, useEffect, useRef, useState } from "react";
import type { Assistant } from "../chat/assistant";
import { sentence } from "../shared/api";
import type { Ticket } from "../shared/types";
import { bytesOf, KeyModes, pasteOf, PressedKey } from "../terminal/keys";
import { Check } from "./parts";

/** Keys for whoever has none: the words, the key, and what it is for. */
const buttons: [string, Partial<PressedKey> & { key: string }, string][] = [
  ["Ctrl C", { key: "c", ctrlKey: true }, "Interrupts the command"], ["Ctrl D", { key: "d", ctrlKey: true }, "Ends what is typed"], ["Tab", { key: "Tab" }, "Completes"], ["Esc", { key: "Escape" }, "Escape"],
  ["\u2191", { key: "ArrowUp" }, "Arrow up"], ["\u2193", { key: "ArrowDown" }, "Arrow down"], ["\u2190", { key: "ArrowLeft" }, "Arrow left"], ["\u2192", { key: "ArrowRight" }, "Arrow right"], ["Enter", { key: "Enter" }, "An empty line"],
];
const noModes: KeyModes = { hasApplicationKeys: false, hasBracketedPaste: false };

/** Types into a command: line by line, or each key at once in a terminal. */
export function TicketInput({ assistant, ticket, frame, screen, isDirect, onDirect }: {
  assistant: Assistant;
  ticket: Ticket;
  /** Where the output is, and keys are pressed. */
  frame: RefObject<HTMLElement>;
  /** The modes of its terminal as they are at each moment; null for none. */
  screen: KeyModes | null;
  isDirect: boolean;
  onDirect: (isOn: boolean) => void;
}) {
  const [text, setText] = useState("");
  const [isHidden, setHidden] = useState(false);
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
    const element = frame.current;
    if (!isDirect || !element) return;
    const press = (event: KeyboardEvent) => {
      // The way out for whoever has no mouse.
      if (event.key === "Tab" && event.shiftKey && !event.ctrlKey && !event.altKey) return onDirect(false);
      if (event.isComposing) return;
      // With a selection it copies, as everywhere; what is pasted arrives as such.
      if (event.ctrlKey && !event.altKey && ((event.key === "c" && String(window.getSelection()) !== "") || event.key.toLowerCase() === "v")) return;
      // What was scrolled out of the screen is looked at with Shift.
      if (event.shiftKey && (event.key === "PageUp" || event.key === "PageDown")) return;
      const bytes = bytesOf(event, screen ?? noModes);
      if (bytes === null) return;
      event.preventDefault();
      void send(bytes);
    };
    const paste = (event: ClipboardEvent) => {
      const pasted = event.clipboardData?.getData("text/plain") ?? "";
      if (pasted === "") return;
      event.preventDefault();
      void send(pasteOf(pasted, screen ?? noModes));
    };
    // What no single key makes: composed letters, and keyboards on screens.
    const write = (event: Event) => {
      const field = event.target;
      if (!(field instanceof HTMLTextAreaElement) || (event instanceof InputEvent && event.isComposing)) return;
      const written = field.value;
      field.value = "";
      if (written !== "") void send(pasteOf(written, noModes));
    };
    element.addEventListener("keydown", press);
    element.addEventListener("paste", paste);
    element.addEventListener("input", write);
    element.addEventListener("compositionend", write);
    (element.querySelector("textarea") ?? element).focus({ preventScroll: true });
    return () => {
      element.removeEventListener("input", write);
      element.removeEventListener("compositionend", write);
      element.removeEventListener("keydown", press);
      element.removeEventListener("paste", paste);
    };
  }, [isDirect, path, screen]);
  return (
    <form className="command-line" onSubmit={submit}>
      <label className="hidden" htmlFor="ticket-input">Input for the command</label>
      <input id="ticket-input" className="input mono" type={isHidden ? "password" : "text"} value={text} placeholder="Type into the command" autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setText(event.target.value)} />
      <button type="submit" className="button primary">Send</button>
      <div className="key-row">
        {ticket.terminal && buttons.map(([name, key, title]) => (
          <button key={name} type="button" className="button compact" title={title} aria-label={`${name}: ${title}`} onClick={() => void send(bytesOf({ ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...key }, screen ?? noModes) ?? "")}>{name}</button>
        ))}
        {ticket.terminal && (
          <button type="button" className="button compact" aria-pressed={isDirect} title="Keys go to the command at once while its output is in focus; Shift Tab leaves" onClick={() => onDirect(!isDirect)}>
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
