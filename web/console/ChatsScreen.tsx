import "./common";
import { useEffect, useState } from "react";
import { ChatView } from "../chat/ChatView";
import { History } from "../chat/History";
import { Icon } from "../chat/Icon";
import { ShareDialog } from "../chat/ShareDialog";
import { useStore } from "../shared/store";
import { go, parts } from "./route";
import type { ScreenProps } from "./screens";

/** All chats beside the one that is open. */
export function ChatsScreen({ assistant, route }: ScreenProps) {
  const chat = route[0];
  const open = useStore(assistant.open);
  const [isListOpen, setListOpen] = useState(false);
  const [isSharing, setSharing] = useState(false);
  // The address names the chat, and a chat that is opened or made otherwise changes the address.
  useEffect(() => {
    const id = Number(chat);
    if (chat !== undefined && Number.isInteger(id) && id > 0) void assistant.show(id);
  }, [assistant, chat]);
  useEffect(() => {
    if (parts()[0] !== "chats") return;
    if (open && String(open.id) !== parts()[1]) go("chats", open.id);
    else if (!open && parts()[1] !== undefined) go("chats");
  }, [open?.id]);
  return (
    <div className="chats">
      <aside className={isListOpen ? "open" : ""}><History assistant={assistant} onPick={() => setListOpen(false)} /></aside>
      <section>
        <div className="chats-bar">
          <button type="button" className="button plain compact list-switch" aria-expanded={isListOpen} onClick={() => setListOpen(!isListOpen)}><Icon name="menu" /> Chats</button>
          <h1>{open === null ? "New chat" : open.transcript.title ?? "Chat"}</h1>
          {open && assistant.may("share") && <button type="button" className="button plain compact" onClick={() => setSharing(true)}><Icon name="share" /> Share</button>}
          {open && <a className="button plain compact" href={`${assistant.api.base}/v1/chats/${open.id}/export`} download={`chat-${open.id}.md`}><Icon name="down" /> Export</a>}
        </div>
        <ChatView assistant={assistant} />
      </section>
      {isSharing && open && <ShareDialog chat={open.id} assistant={assistant} onClose={() => setSharing(false)} />}
    </div>
  );
}
