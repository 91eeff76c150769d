import { ClipboardEvent, DragEvent, FormEvent, KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { NewPart } from "../shared/types";
import type { Conversations } from "./conversations";
import { attach, Attachment, discard } from "./attachments";
import { Icon } from "./Icon";

export interface Draft {
  text: string;
  /** The turn that the message takes the place of. */
  replacing: number | null;
  /** Of that turn, which the server does not hand out again. */
  hadPictures?: boolean;
}

/** Where people write: Enter sends, Shift and Enter makes a line; files come by button, paste and drop. */
export function Composer({ assistant, placeholder, draft, onDraft, workingTurn }: {
  assistant: Conversations;
  placeholder: string;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  workingTurn: number | null;
}) {
  const [attachments, setAttachments] = useState<Attachment[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const [isOver, setOver] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  // The same message sent twice is one message: the key changes once it was taken, or is another one.
  const key = useRef(newKey());
  const tried = useRef("");
  const written = useRef(draft);
  written.current = draft;

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, window.innerHeight * 0.4)}px`;
  }, [draft.text]);
  useEffect(() => {
    if (draft.replacing !== null) area.current?.focus();
  }, [draft.replacing]);

  const take = async (list: Iterable<File>) => {
    setError(null);
    for (const file of list) {
      try {
        const attachment = await attach(file);
        setAttachments((before) => [...before, attachment]);
      } catch (problem) {
        setError(sentence(problem));
      }
    }
  };
  const drop = (id: number) => {
    setAttachments((before) => before.filter((attachment) => {
      if (attachment.id === id) discard(attachment);
      return attachment.id !== id;
    }));
  };
  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    const text = draft.text.trim();
    if (isSending || workingTurn !== null || (text === "" && attachments.length === 0)) return;
    setSending(true);
    setError(null);
    const parts: NewPart[] = [];
    if (text !== "") parts.push({ type: "text", text });
    parts.push(...attachments.map((attachment) => attachment.part));
    const message = JSON.stringify([parts, draft.replacing]);
    if (tried.current !== "" && tried.current !== message) key.current = newKey();
    tried.current = message;
    try {
      await assistant.say(parts, key.current, draft.replacing ?? undefined);
      key.current = newKey();
      tried.current = "";
      attachments.forEach(discard);
      setAttachments((now) => now.filter((attachment) => !attachments.includes(attachment)));
      // What was written meanwhile is the next message's.
      const now = written.current.text;
      onDraft({ text: now.startsWith(draft.text) ? now.slice(draft.text.length) : now, replacing: null });
    } catch (problem) {
      setError(sentence(problem));
    } finally {
      setSending(false);
      area.current?.focus();
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) void send(event);
    if (event.key === "Escape" && draft.replacing !== null && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      onDraft({ text: "", replacing: null });
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const list = [...event.clipboardData.files];
    if (list.length === 0) return;
    event.preventDefault();
    void take(list);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };

  return (
    <div className="composer">
      <form onSubmit={(event) => void send(event)}>
        {error && <p className="note bad" role="alert">{error}</p>}
        {draft.replacing !== null && (
          <p className="note">
            Your message and everything after it is replaced.{draft.hadPictures && " Add its pictures anew."}{" "}
            <button type="button" className="button plain compact" onClick={() => onDraft({ text: "", replacing: null })}>Keep it as it was</button>
          </p>
        )}
        <div
          className={`box${isOver ? " drop" : ""}`}
          onDragOver={(event) => { event.preventDefault(); setOver(true); }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          {attachments.length > 0 && (
            <ul className="attachments" aria-label="Attachments">
              {attachments.map((attachment) => (
                <li key={attachment.id} className="attachment">
                  {attachment.preview && <img src={attachment.preview} alt="" />}
                  <span>{attachment.name}</span>
                  <button type="button" className="button plain icon" aria-label={`Remove ${attachment.name}`} onClick={() => drop(attachment.id)}>
                    <Icon name="close" />
                  </button>
                </li>
              ))}
            </ul>
          )}
          <label className="hidden" htmlFor="deckhand-message">Message to the assistant</label>
          <textarea
            id="deckhand-message"
            ref={area}
            rows={1}
            value={draft.text}
            placeholder={placeholder}
            onChange={(event) => onDraft({ ...draft, text: event.target.value })}
            onKeyDown={onKey}
            onPaste={onPaste}
          />
          <div className="box-row">
            <button type="button" className="button plain icon" aria-label="Attach pictures or text files" title="Attach pictures or text files" onClick={() => files.current?.click()}>
              <Icon name="attach" />
            </button>
            <input ref={files} type="file" multiple hidden onChange={(event) => { void take([...(event.target.files ?? [])]); event.target.value = ""; }} />
            <Pickers assistant={assistant} />
            {workingTurn === null ? (
              <button type="submit" className="button primary icon" aria-label="Send" title="Send (Enter)" disabled={isSending || (draft.text.trim() === "" && attachments.length === 0)}>
                {isSending ? <span className="spinner" aria-hidden="true" /> : <Icon name="send" />}
              </button>
            ) : (
              <button type="button" className="button icon" aria-label="Stop" title="Stop" onClick={() => void assistant.stop(workingTurn)}>
                <Icon name="stop" />
              </button>
            )}
          </div>
        </div>
      </form>
    </div>
  );
}

/** Model, thinking, length. */
function Pickers({ assistant }: { assistant: Conversations }) {
  const choices = useStore(assistant.choices);
  const models = useStore(assistant.models);
  const usual = useStore(assistant.usual);
  const set = (name: keyof typeof choices, value: string) => assistant.choose(name, value);
  const isLost = choices.model !== "" && !models.some((model) => model.id === choices.model);
  return (
    <div className="pickers">
      {(models.length > 0 || isLost) && (
        <select className="picker" aria-label="Model" value={choices.model} onChange={(event) => set("model", event.target.value)}>
          <option value="">{usual ? `${usual.title ?? usual.id} (usual)` : "Model"}</option>
          {isLost && <option value={choices.model}>{choices.model} (not there now)</option>}
          {models.map((model) => <option key={model.id} value={model.id}>{model.title ?? model.id}</option>)}
        </select>
      )}
      <select className="picker" aria-label="Thinking" value={choices.reasoning} onChange={(event) => set("reasoning", event.target.value)}>
        <option value="">Thinking</option>
        <option value="none">No thinking</option>
        <option value="low">Little thinking</option>
        <option value="medium">Some thinking</option>
        <option value="high">Much thinking</option>
      </select>
      <select className="picker" aria-label="Length of answers" value={choices.verbosity} onChange={(event) => set("verbosity", event.target.value)}>
        <option value="">Length</option>
        <option value="low">Short answers</option>
        <option value="medium">Medium answers</option>
        <option value="high">Long answers</option>
      </select>
    </div>
  );
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
