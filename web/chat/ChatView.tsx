import { useMemo } from "react";
import { useStore } from "../shared/store";
import type { Assistant } from "./assistant";
import { ToolCards } from "./CommandCard";
import { ChatFace, ConversationView } from "./ConversationView";

/** Questions that administrators ask every day; `assistant.prompts` of the configuration may name others. */
const usual: [string, string][] = [
  ["Disk usage", "Which directories and files use the most disk space, and what could be removed safely?"],
  ["Security review", "Review the security of this server: open ports, sign-ins, updates, and settings of SSH. Tell me what matters most."],
  ["Mail problems", "Is mail being delivered? Look at the queue and at the latest errors."],
  ["Website errors", "Which errors did the web server and PHP log in the last hours, and what causes them?"],
  ["Make it faster", "What slows this server down? Look at load, memory, disks, the database and PHP."],
  ["Backups", "Are there backups, how old are they, and would they be enough to restore this server?"],
  ["Updates", "Which updates are waiting, and which of them are about security?"],
  ["Logs", "What is unusual in the system's logs of today?"],
  ["Database health", "How is the database doing? Look at slow queries, connections and table sizes."],
  ["DNS", "Do the DNS records of the domains on this server point here, and are they right?"],
  ["TLS certificates", "Which TLS certificates expire soon, and does their renewal work?"],
];

/** An operator's open chat: what the assistant does are commands. */
export function ChatView({ assistant }: { assistant: Assistant }) {
  const approvals = useStore(assistant.approvals);
  const open = useStore(assistant.open);
  const steps = (open?.transcript.turns ?? []).flatMap((turn) => turn.pieces.flatMap((piece) => (piece.kind === "tool" ? piece.steps : [])));
  const asked = steps.map((step) => (step.approval === null ? undefined : approvals.get(step.approval))).find((approval) => approval?.state === "awaiting");
  const waiting = asked && assistant.may("approve") ? `Your decision is needed: ${asked.command}` : "";
  const face = useMemo<ChatFace>(() => ({
    placeholder: "Ask about this server\u2026",
    welcome: "The assistant looks around by itself and asks you before it changes anything.",
    noModel: "No provider is set up yet. Set OPENAI_API_KEY for this server, or name a local model in deckhand.json5, and start it again.",
    prompts: assistant.who.prompts?.map((prompt) => [prompt.name, prompt.text]) ?? usual,
    tool: (piece, _turn, isWorking) => <ToolCards piece={piece} assistant={assistant} isWorking={isWorking} />,
  }), [assistant]);
  return <ConversationView assistant={assistant} face={face} waiting={waiting} />;
}
