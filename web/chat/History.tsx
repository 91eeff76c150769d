import { useEffect, useRef, useState } from "react";
import { moment } from "../shared/format";
import { useStore } from "../shared/store";
import type { Chat } from "../shared/types";
import type { Conversations } from "./conversations";
import { Icon } from "./Icon";

/** The caller's chats, newest first, with a search in titles and in what was said. */
export function History({ assistant, onPick }: { assistant: Conversations; onPick: () => void }) {
  const chats = useStore(assistant.chats);
  const open = useStore(assistant.open);
  const search = useStore(assistant.search);
  const problem = useStore(assistant.problem);
  const frame = useRef<HTMLElement>(null);
  const pick = (id: number) => {
    void assistant.show(id);
    onPick();
  };
  return (
    <nav className="history" aria-label="Chats" ref={frame}>
      <div className="history-head">
        <button type="button" className="button primary" onClick={() => { assistant.showNone(); onPick(); }}><Icon name="plus" /> New chat</button>
        <label className="history-search">
          <span className="hidden">Search in chats</span>
          <Icon name="search" />
          <input className="input" type="search" value={search} placeholder="Search" onChange={(event) => assistant.find(event.target.value)} />
        </label>
      </div>
      {problem && <p className="note bad" role="alert">{problem}</p>}
      {chats.error && <p className="note bad" role="alert">{chats.error} <button type="button" className="button compact" onClick={() => void assistant.loadChats()}>Try again</button></p>}
      <ul>
        {chats.list.map((chat) => (
          <Entry key={chat.id} chat={chat} isOpen={open?.id === chat.id} assistant={assistant} onPick={() => pick(chat.id)} onGone={() => frame.current?.querySelector("input")?.focus()} />
        ))}
      </ul>
      {chats.isLoading && chats.list.length === 0 && <p className="empty" role="status"><span className="spinner" aria-hidden="true" /></p>}
      {!chats.isLoading && !chats.error && chats.list.length === 0 && (
        <p className="empty">{search.trim() === "" ? "No chats yet. What you ask appears here." : "Nothing was found. Search for other words."}</p>
      )}
      {chats.next && <button type="button" className="button plain" onClick={() => void assistant.loadChats(true)}>Older chats</button>}
    </nav>
  );
}

function Entry({ chat, isOpen, assistant, onPick, onGone }: { chat: Chat; isOpen: boolean; assistant: Conversations; onPick: () => void; onGone: () => void }) {
  const [mode, setMode] = useState<"show" | "rename" | "forget">("show");
  const [isBusy, setBusy] = useState(false);
  const entry = useRef<HTMLLIElement>(null);
  const before = useRef(mode);
  // The keyboard goes on at the button that was pressed.
  useEffect(() => {
    if (mode === "show" && before.current !== "show") entry.current?.querySelector<HTMLElement>(`[data-for="${before.current}"]`)?.focus();
    before.current = mode;
  }, [mode]);
  const [title, setTitle] = useState("");
  const name = chat.title ?? "New chat";
  if (mode === "rename") {
    return (
      <li className="history-entry">
        <form onSubmit={(event) => { event.preventDefault(); setMode("show"); if (title.trim() !== "") void assistant.rename(chat.id, title.trim()); }}>
          <label className="hidden" htmlFor={`title-${chat.id}`}>New title</label>
          <input id={`title-${chat.id}`} className="input" value={title} maxLength={200} autoFocus onChange={(event) => setTitle(event.target.value)} onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing) { event.stopPropagation(); setMode("show"); } }} />
          <button type="submit" className="button icon" aria-label="Save the title"><Icon name="check" /></button>
        </form>
      </li>
    );
  }
  if (mode === "forget") {
    return (
      <li className="history-entry">
        <div
          className="asks"
          role="group"
          aria-label={`Delete ${name}?`}
          onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing) { event.stopPropagation(); setMode("show"); } }}
        >
          <p>Delete {"\u201c"}{name}{"\u201d"} for good? It cannot be brought back. {assistant.afterwards}</p>
          <button type="button" className="button danger compact" disabled={isBusy} onClick={() => {
            setBusy(true);
            void assistant.forget(chat.id).then((isGone) => {
              setBusy(false);
              if (isGone) onGone();
              else setMode("show");
            });
          }}>Delete</button>
          <button type="button" className="button plain compact" autoFocus onClick={() => setMode("show")}>Keep</button>
        </div>
      </li>
    );
  }
  return (
    <li className="history-entry" ref={entry}>
      <button type="button" className="button plain history-open" aria-current={isOpen ? "page" : undefined} onClick={onPick}>
        <span className="history-title">{name}</span>
        <span className="history-time">{chat.working_turn !== null && <span className="spinner" role="img" aria-label="Working" />}{moment(chat.updated)}</span>
      </button>
      <button type="button" data-for="rename" className="button plain icon" aria-label={`Rename ${name}`} title="Rename" onClick={() => { setTitle(chat.title ?? ""); setMode("rename"); }}><Icon name="edit" /></button>
      <button type="button" data-for="forget" className="button plain icon" aria-label={`Delete ${name}`} title="Delete" onClick={() => setMode("forget")}><Icon name="trash" /></button>
    </li>
  );
}
