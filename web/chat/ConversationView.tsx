import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { Conversations } from "./conversations";
import { Composer, Draft } from "./Composer";
import { Icon } from "./Icon";
import { TurnFace, TurnView } from "./TurnView";
import type { Turn } from "./transcript";

/** What differs between those who chat. */
export interface ChatFace extends TurnFace {
  placeholder: string;
  /** Under the heading of an empty chat. */
  welcome: string;
  /** Said while there is no model; null where that is no obstacle. */
  noModel: string | null;
  /** Names of questions, and what is asked. */
  prompts: [string, string][];
}

/** The open chat, or an invitation to begin one. */
export function ConversationView({ assistant, face, waiting }: {
  assistant: Conversations;
  face: ChatFace;
  /** What waits for a person's decision, to be said aloud; empty for nothing. */
  waiting: string;
}) {
  const open = useStore(assistant.open);
  const connection = useStore(assistant.feed.connection);
  const problem = useStore(assistant.problem);
  const [draft, setDraft] = useState<Draft>({ text: "", replacing: null });
  const frame = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const before = useRef(open?.id);
  const [showDown, setShowDown] = useState(false);
  const turns = open?.transcript.turns ?? [];
  const last = turns[turns.length - 1];
  const workingTurn = last?.state === "working" ? last.id : null;

  useLayoutEffect(() => {
    const element = frame.current;
    if (element && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [open?.transcript]);
  useEffect(() => {
    isAtEnd.current = true;
    setShowDown(false);
    // A chat that is made for a message leaves what was written: it may be refused.
    if (before.current !== undefined) setDraft({ text: "", replacing: null });
    before.current = open?.id;
  }, [open?.id]);
  useEffect(() => {
    // Cards grow after their output was read; whoever reads the end stays there.
    const element = frame.current;
    const list = element?.firstElementChild;
    if (!element || !list || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const element = frame.current;
    if (!element) return;
    isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
    setShowDown(!isAtEnd.current);
  };
  const toEnd = () => {
    isAtEnd.current = true;
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  };
  const onEdit = useCallback((turn: Turn) => {
    const hadPictures = turn.message.some((part) => part.type !== "text");
    setDraft({ text: turn.message.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(""), replacing: turn.id, hadPictures });
  }, []);
  const onRetry = useCallback((turn: Turn) => {
    // With its pictures, which the server has.
    assistant.say(null, `again-${turn.id}-${Date.now()}`, turn.id).catch((error) => assistant.problem.set(sentence(error)));
  }, [assistant]);

  return (
    <div className="chat">
      <ConnectionBar connection={connection} />
      {problem && <p className="note bad" role="alert">{problem}</p>}
      <div className="stream-frame">
        <div className="stream" ref={frame} onScroll={onScroll} tabIndex={0} role="log" aria-label="Conversation" aria-live="off">
         <div>
          {open === null || (turns.length === 0 && !open.isLoading && !open.error) ? (
            <Invitation assistant={assistant} face={face} onPick={(text) => setDraft({ text, replacing: null })} />
          ) : open.error ? (
            <div className="empty">
              <p>{open.error}</p>
              <button type="button" className="button" onClick={() => void assistant.show(open.id)}>Try again</button>
            </div>
          ) : open.isLoading ? (
            <div className="empty" role="status"><span className="spinner" aria-hidden="true" /> Reading the chat{"\u2026"}</div>
          ) : (
            <ol className="turns">
              {turns.map((turn) => (
                <TurnView key={turn.id} turn={turn} assistant={assistant} face={face} isLast={turn === last} onEdit={onEdit} onRetry={onRetry} />
              ))}
            </ol>
          )}
         </div>
        </div>
        {showDown && (
          <button type="button" className="button icon down" aria-label="To the end" onClick={toEnd}><Icon name="down" /></button>
        )}
      </div>
      <p className="hidden" role="status">{waiting !== "" ? "" : workingTurn !== null ? "The assistant is working." : last ? "The assistant is done." : ""}</p>
      <p className="hidden" aria-live="assertive" aria-atomic="true">{waiting}</p>
      <Composer assistant={assistant} placeholder={face.placeholder} draft={draft} onDraft={setDraft} workingTurn={workingTurn} />
    </div>
  );
}

function ConnectionBar({ connection }: { connection: string }) {
  if (connection !== "offline") return null;
  return (
    <div className="bar" role="status"><span className="spinner" aria-hidden="true" /> No connection to the server. It is tried again; nothing is lost.</div>
  );
}

function Invitation({ assistant, face, onPick }: { assistant: Conversations; face: ChatFace; onPick: (text: string) => void }) {
  const models = useStore(assistant.models);
  const chats = useStore(assistant.chats);
  return (
    <div className="empty">
      <Icon name="anchor" />
      <h2>What shall we look at?</h2>
      <p>{face.welcome}</p>
      {face.noModel !== null && models.length === 0 && !chats.isLoading && <p className="note busy">{face.noModel}</p>}
      <div className="prompts">
        {face.prompts.map(([name, text]) => (
          <button key={name} type="button" className="button compact" onClick={() => onPick(text)}>{name}</button>
        ))}
      </div>
    </div>
  );
}
