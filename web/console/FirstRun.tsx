import { FormEvent, useEffect, useState } from "react";
import { Assistant, Memory } from "../chat/assistant";
import { CopyButton } from "../chat/CopyButton";
import { Icon } from "../chat/Icon";
import { sentence } from "../shared/api";
import { useStore } from "../shared/store";
import type { SignedIn } from "../shared/types";
import type { Operator, ServerSettings } from "./admin";
import { go } from "./route";
import { OwnPassphrase } from "./SettingsScreen";
import { useLoaded } from "./useLoaded";

export interface FirstRunState {
  isShown: boolean;
  hasModel: boolean;
  hasAsked: boolean;
  hide: () => void;
  look: () => Promise<void>;
}

/** Whether somebody has still to be shown the way: nobody answers yet, or nothing was asked. */
export function useFirstRun(assistant: Assistant): FirstRunState {
  const models = useStore(assistant.models);
  const chats = useStore(assistant.chats);
  const [memory] = useState(() => new Memory(`deckhand.${assistant.who.operator.id}.`));
  const [isHidden, setHidden] = useState(memory.read<boolean>("guided") === true);
  const hasModel = models.length > 0;
  const hasAsked = chats.list.length > 0;
  const isRead = !chats.isLoading && chats.error === null;
  return {
    isShown: isRead && assistant.may("chat") && !isHidden && !(hasModel && hasAsked) && (assistant.may("admin") || hasModel),
    hasModel,
    hasAsked,
    hide: () => {
      memory.write("guided", true);
      setHidden(true);
    },
    look: async () => {
      const answer = await assistant.api.get<{ data: { id: string; owned_by: string }[] }>("/v1/models");
      assistant.models.set(answer.data);
    },
  };
}

/** Three steps from a new server to its first answer. */
export function FirstRun({ assistant, state, enter }: { assistant: Assistant; state: FirstRunState; enter: (who: SignedIn) => void }) {
  const isAdmin = assistant.may("admin");
  const { operator } = assistant.who;
  const self = useLoaded<Operator>(() => assistant.api.get(`/v1/admin/operators/${encodeURIComponent(operator.name)}`), [assistant], null, isAdmin);
  const [isKept, setKept] = useState(false);
  const hasPassphrase = isKept || !isAdmin || (self.value !== null && (!self.value.has_first_passphrase || self.value.source !== "local"));
  const steps = [hasPassphrase, state.hasModel, state.hasAsked];
  const next = steps.indexOf(false);
  return (
    <section className="first-run" aria-label="First steps">
      <div className="screen-head"><h2>Welcome, {operator.name}</h2><button type="button" className="button plain compact" onClick={state.hide}>Hide these steps</button></div>
      <ol>
        <Step title="A passphrase of your own" isDone={hasPassphrase} isNext={next === 0}>
          <p>The first start printed one into the terminal, where others may have seen it.</p>
          <OwnPassphrase assistant={assistant} onDone={enter} />
          <button type="button" className="button plain compact" onClick={() => setKept(true)}>Keep the printed one</button>
        </Step>
        <Step title="A provider of models" isDone={state.hasModel} isNext={next === 1}><Provider assistant={assistant} look={state.look} /></Step>
        <Step title="Your first question" isDone={state.hasAsked} isNext={next === 2}><FirstQuestion assistant={assistant} /></Step>
      </ol>
    </section>
  );
}

function Step({ title, isDone, isNext, children }: { title: string; isDone: boolean; isNext: boolean; children: React.ReactNode }) {
  return (
    <li className={isDone ? "done" : isNext ? "next" : ""} aria-current={isNext ? "step" : undefined}>
      <h3>{isDone ? <Icon name="check" /> : <span className="step-dot" aria-hidden="true" />} {title}{isDone && <span className="hidden"> (done)</span>}</h3>
      {isNext && <div className="step-body">{children}</div>}
    </li>
  );
}

function Provider({ assistant, look }: { assistant: Assistant; look: () => Promise<void> }) {
  const settings = useLoaded<ServerSettings>(() => assistant.api.get("/v1/admin/server/settings"), [assistant]);
  const [words, setWords] = useState<string | null>(null);
  const file = settings.value?.file ?? "deckhand.json5";
  const example = '{\n  providers: {\n    openai: { kind: "openai-responses", key: { env: "OPENAI_API_KEY" }, defaultModel: "gpt-5.1" },\n  },\n}';
  const start = "OPENAI_API_KEY=\u2026 deckhand serve";
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") look().catch(() => {});
    }, 5_000);
    return () => window.clearInterval(timer);
  }, [assistant]);
  const again = async () => {
    setWords(null);
    try {
      await look();
      setWords("Still none. Was the server started again since?");
    } catch (error) {
      setWords(sentence(error));
    }
  };
  return (
    <>
      <p>The assistant needs a model that answers. The shortest way is a key of OpenAI in the environment of the server. End it, and start it again with the key:</p>
      <div className="snippet"><pre className="mono">{start}</pre><CopyButton text={start} label="Copy the command" /></div>
      <p>Other providers, and models on machines of your own, stand in <code className="mono">{file}</code>, such as:</p>
      <div className="snippet"><pre className="mono">{example}</pre><CopyButton text={example} label="Copy the example" /></div>
      <p>Then start the server again; this page goes on by itself. <code className="mono">deckhand check</code> tries each provider.</p>
      <div className="choices"><button type="button" className="button" onClick={() => void again()}>Look again</button></div>
      {words && <p className="note busy" role="status">{words}</p>}
    </>
  );
}

function FirstQuestion({ assistant }: { assistant: Assistant }) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const ask = async (question: string) => {
    if (question.trim() === "") return;
    setError(null);
    try {
      assistant.showNone();
      await assistant.say([{ type: "text", text: question.trim() }], Math.random().toString(36).slice(2));
      go("chats", assistant.open.value?.id ?? "");
    } catch (problem) {
      setError(sentence(problem));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(text);
  };
  return (
    <>
      <p>The assistant looks for itself with commands that only read. Before it changes anything, it asks you.</p>
      <form className="command-line" onSubmit={submit}>
        <label className="hidden" htmlFor="first-question">Your question</label>
        <input id="first-question" className="input" value={text} placeholder="How is this server doing?" onChange={(event) => setText(event.target.value)} />
        <button type="submit" className="button primary" disabled={text.trim() === ""}>Ask</button>
      </form>
      <div className="choices">
        {["How full are the disks?", "What uses the most memory?", "Are updates waiting?"].map((question) => (
          <button key={question} type="button" className="button compact" onClick={() => void ask(question)}>{question}</button>
        ))}
      </div>
      {error && <p className="note bad" role="alert">{error}</p>}
    </>
  );
}
